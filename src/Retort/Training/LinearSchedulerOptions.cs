namespace Retort.Training;

/// <summary>The rate falls linearly: 1 − (1 − f) t / T.</summary>
public sealed record LinearSchedulerOptions : SchedulerOptions
{
    /// <summary>f: the factor at step T, one after the last.</summary>
    [Share] public double Final { get; init; }

    protected override double After(long step, long steps) => 1 - (1 - Final) * step / steps;
}
