namespace Retort.Contracts;

/// <summary>
/// How the trainer keeps the moving average that a method asks about: a ← d_t a + (1 − d_t) θ after step t (the first is 1),
/// d_t = min(1 − 1 / (t + 1), <paramref name="Decay"/>). It serves the loss alone: validation, test and what is handed out are
/// the student's own weights. <c>training.emaDecay</c> is another thing, an average that is handed out.
/// </summary>
/// <param name="Decay">λ: at most so much of the average stays at each step.</param>
/// <param name="Start">What it is before the first step.</param>
/// <param name="Mode">How it answers.</param>
public sealed record EmaSettings(double Decay = 0.999, EmaStart Start = EmaStart.Copy, EmaMode Mode = EmaMode.Train)
{
    /// <summary>λ .999, starts as a copy, answers in train mode.</summary>
    public static EmaSettings Default { get; } = new();
}

/// <summary>What a moving average is before the first step.</summary>
public enum EmaStart
{
    /// <summary>The student as it begins.</summary>
    Copy,

    /// <summary>A network with first weights of its own, of which 1 / (t + 1) is left after t steps.</summary>
    Independent,
}

/// <summary>How a moving average answers.</summary>
public enum EmaMode
{
    /// <summary>As the student does in training, a batch normalization with the batch's statistics; its running ones are its own.</summary>
    Train,

    /// <summary>As networks are deployed, with the student's running statistics.</summary>
    Eval,
}
