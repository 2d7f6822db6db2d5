namespace Retort.Training;

/// <summary>The rate stays at its highest value.</summary>
public sealed record ConstantSchedulerOptions : SchedulerOptions
{
    protected override double After(long step, long steps) => 1;
}
