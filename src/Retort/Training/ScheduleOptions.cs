namespace Retort.Training;

/// <summary>A learning-rate schedule as a recipe names it: a closed form, so that a resumed run needs no state of it.</summary>
public abstract record ScheduleOptions
{
    /// <summary>What the highest rate is multiplied by at this step, the first being 0.</summary>
    public abstract double Factor(long step, long steps);
}

/// <summary>Half a cosine from the highest rate to almost nothing.</summary>
public sealed record CosineOptions : ScheduleOptions
{
    public override double Factor(long step, long steps) => 0.5 * (1 + Math.Cos(Math.PI * step / steps));
}
