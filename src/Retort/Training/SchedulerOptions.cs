namespace Retort.Training;

/// <summary>A learning-rate schedule as a recipe names it: a closed form, so that a resumed run needs no state of it.</summary>
public abstract record SchedulerOptions
{
    /// <summary>The share of all steps over which the rate first climbs in a straight line from almost nothing; 0: none.</summary>
    [Below1] public double WarmUp { get; init; }

    /// <summary>What the highest rate is multiplied by at this step, the first being 0.</summary>
    public double Factor(long step, long steps)
    {
        var climbing = (long)Math.Round(WarmUp * steps);
        return step < climbing ? (step + 1.0) / (climbing + 1) : After(step - climbing, steps - climbing);
    }

    /// <summary>The factor at a step of those that follow the warm-up, the first being 0.</summary>
    protected abstract double After(long step, long steps);
}

/// <summary>The highest rate throughout.</summary>
public sealed record ConstantSchedulerOptions : SchedulerOptions
{
    protected override double After(long step, long steps) => 1;
}

/// <summary>The rate falls by a factor at each milestone.</summary>
public sealed record StepSchedulerOptions : SchedulerOptions
{
    /// <summary>Where it falls, in order, as shares of the steps that follow the warm-up: 0.5 is half-way.</summary>
    [Rising, Share] public IReadOnlyList<double> Milestones { get; init; } = [0.5, 0.75];

    /// <summary>What the rate is multiplied by there.</summary>
    [Share] public double Multiplier { get; init; } = 0.1;

    protected override double After(long step, long steps) =>
        Math.Pow(Multiplier, Milestones.Count(milestone => step >= milestone * steps));
}

/// <summary>
/// Half a cosine from the highest rate down (Loshchilov and Hutter, SGDR, arXiv:1608.03983, eq. 5, without restarts):
/// f + (1 − f) (1 + cos(π t / T)) / 2.
/// </summary>
public sealed record CosineSchedulerOptions : SchedulerOptions
{
    /// <summary>f: the factor it would reach at step T, one after the last.</summary>
    [Share] public double Final { get; init; }

    protected override double After(long step, long steps) => Final + (1 - Final) * 0.5 * (1 + Math.Cos(Math.PI * step / steps));
}

/// <summary>A straight line from the highest rate down: 1 − (1 − f) t / T.</summary>
public sealed record LinearSchedulerOptions : SchedulerOptions
{
    /// <summary>f: the factor it would reach at step T, one after the last.</summary>
    [Share] public double Final { get; init; }

    protected override double After(long step, long steps) => 1 - (1 - Final) * step / steps;
}
