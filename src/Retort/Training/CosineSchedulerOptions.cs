namespace Retort.Training;

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
