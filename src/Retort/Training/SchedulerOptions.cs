namespace Retort.Training;

/// <summary>
/// The options of a learning-rate scheduler: a closed form, so that a resumed run needs no state of it.
/// </summary>
public abstract record SchedulerOptions
{
    /// <summary>The share of all steps in which the rate first rises linearly from almost 0; 0: no warm-up.</summary>
    [LessThanOne] public double WarmUp { get; init; }

    /// <summary>The factor of the highest rate at the step with this index, from 0.</summary>
    public double Factor(long step, long steps)
    {
        var warmUp = (long)Math.Round(WarmUp * steps);
        return step < warmUp ? (step + 1.0) / (warmUp + 1) : After(step - warmUp, steps - warmUp);
    }

    /// <summary>The factor at a step after the warm-up; steps are counted from its end, from 0.</summary>
    protected abstract double After(long step, long steps);
}
