namespace Retort.Training;

/// <summary>The rate falls by a factor at each milestone.</summary>
public sealed record StepSchedulerOptions : SchedulerOptions
{
    /// <summary>
    /// Where the rate falls, in order, as shares of the steps after the warm-up: 0.5 is half of them.
    /// </summary>
    [Rising, Share] public IReadOnlyList<double> Milestones { get; init; } = [0.5, 0.75];

    /// <summary>The factor of the rate at each milestone.</summary>
    [Share] public double Multiplier { get; init; } = 0.1;

    protected override double After(long step, long steps) =>
        Math.Pow(Multiplier, Milestones.Count(milestone => step >= milestone * steps));
}
