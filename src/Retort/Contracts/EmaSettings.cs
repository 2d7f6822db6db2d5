namespace Retort.Contracts;

/// <summary>
/// How the trainer computes the moving average of the student that a method requires:
/// a ← d_t a + (1 − d_t) θ after step t (the first is 1), with d_t = min(1 − 1 / (t + 1), <paramref name="Decay"/>), or
/// <paramref name="Decay"/> throughout without <paramref name="WarmUp"/>. Only the loss uses it: validation, test and
/// the saved weights are the student's own. <c>training.emaDecay</c> is the average that is saved.
/// </summary>
/// <param name="Decay">λ: the largest share of the average that remains at each step.</param>
/// <param name="Start">Its value before the first step.</param>
/// <param name="Mode">The mode of its forward.</param>
/// <param name="WarmUp">Whether the first steps weigh more; a momentum encoder has a constant decay.</param>
public sealed record EmaSettings(
    double Decay = 0.999, EmaStart Start = EmaStart.Copy, EmaMode Mode = EmaMode.Train, bool WarmUp = true)
{
    /// <summary>λ .999, starts as a copy, forward in train mode, with warm-up.</summary>
    public static EmaSettings Default { get; } = new();
}
