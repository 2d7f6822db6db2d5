namespace Retort.Training;

/// <summary>
/// The options of a learning-rate scheduler: a closed form, so that a resumed run needs no state of it.
/// </summary>
public abstract record SchedulerOptions
{
    /// <summary>The share of all steps in which the rate first rises linearly from almost 0; 0: no warm-up.</summary>
    [Below1] public double WarmUp { get; init; }

    /// <summary>The factor of the highest rate at the step with this index, from 0.</summary>
    public double Factor(long step, long steps)
    {
        var warmUp = (long)Math.Round(WarmUp * steps);
        return step < warmUp ? (step + 1.0) / (warmUp + 1) : After(step - warmUp, steps - warmUp);
    }

    /// <summary>The factor at a step after the warm-up; steps are counted from its end, from 0.</summary>
    protected abstract double After(long step, long steps);
}

/// <summary>The rate stays at its highest value.</summary>
public sealed record ConstantSchedulerOptions : SchedulerOptions
{
    protected override double After(long step, long steps) => 1;
}

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

/// <summary>
/// The rate falls along half a cosine (Loshchilov and Hutter, SGDR, arXiv:1608.03983, eq. 5, without restarts):
/// f + (1 − f) (1 + cos(π t / T)) / 2.
/// </summary>
public sealed record CosineSchedulerOptions : SchedulerOptions
{
    /// <summary>f: the factor at step T, one after the last.</summary>
    [Share] public double Final { get; init; }

    protected override double After(long step, long steps) =>
        Final + (1 - Final) * 0.5 * (1 + Math.Cos(Math.PI * step / steps));
}

/// <summary>The rate falls linearly: 1 − (1 − f) t / T.</summary>
public sealed record LinearSchedulerOptions : SchedulerOptions
{
    /// <summary>f: the factor at step T, one after the last.</summary>
    [Share] public double Final { get; init; }

    protected override double After(long step, long steps) => 1 - (1 - Final) * step / steps;
}
