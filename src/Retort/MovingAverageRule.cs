namespace Retort;

/// <summary>
/// How the trainer keeps the moving average that a method asks about: a ← d_t a + (1 − d_t) θ after step t (the first is 1),
/// d_t = min(1 − 1 / (t + 1), <paramref name="Decay"/>). It serves the loss alone: validation, test and what is handed out are
/// the student's own weights. <c>training.average</c> is another thing, an average that is handed out.
/// </summary>
/// <param name="Decay">λ: at most so much of the average stays at each step.</param>
/// <param name="Start">What it is before the first step.</param>
/// <param name="Mode">How it answers.</param>
public sealed record MovingAverageRule(double Decay = 0.999, AverageStart Start = AverageStart.Copy, AverageMode Mode = AverageMode.Train)
{
    /// <summary>λ .999, starts as a copy, answers in train mode.</summary>
    public static MovingAverageRule Usual { get; } = new();
}

/// <summary>What a moving average is before the first step.</summary>
public enum AverageStart
{
    /// <summary>The student as it begins.</summary>
    Copy,

    /// <summary>A network with first weights of its own, of which 1 / (t + 1) is left after t steps.</summary>
    Independent,
}

/// <summary>How a moving average answers.</summary>
public enum AverageMode
{
    /// <summary>As the student does in training, a batch normalisation with the batch's statistics; its running ones are its own.</summary>
    Train,

    /// <summary>As networks are deployed, with the student's running statistics.</summary>
    Eval,
}
