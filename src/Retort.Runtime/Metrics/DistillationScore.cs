namespace Retort.Runtime.Metrics;

/// <summary>
/// The distillation score of a student: α · size ratio + (1 − α) · relative loss of accuracy. Lower is better. A copy
/// of the teacher scores α, and a student more accurate than its teacher may score below 0. The score does not include
/// latency, energy, calibration or the cost of training.
/// </summary>
/// <param name="Alpha">α: above ½ size counts for more, below it accuracy.</param>
/// <param name="SizeRatio">
/// The student's size divided by the teacher's, in parameters, bytes or multiply-adds, the same for both.
/// </param>
/// <param name="AccuracyLoss">
/// 1 − the student's accuracy divided by the teacher's. Negative if the student is better.
/// </param>
/// <remarks>
/// Alkhulaifi, Alsahli and Ahmad, Knowledge Distillation in Deep Learning and its Applications, PeerJ CS 7:e474, 2021.
/// </remarks>
public sealed record DistillationScore(double Alpha, double SizeRatio, double AccuracyLoss)
{
    /// <summary>The score.</summary>
    public double Value => Alpha * SizeRatio + (1 - Alpha) * AccuracyLoss;

    /// <summary>The score of a student and its teacher.</summary>
    /// <param name="studentSize">In the teacher's unit; 0 is allowed.</param>
    /// <param name="teacherSize">For an ensemble the sum over its members.</param>
    /// <param name="studentAccuracy">
    /// A score of which more is better, on the teacher's test set and in its unit.
    /// </param>
    /// <param name="teacherAccuracy">The teacher's.</param>
    /// <param name="alpha">From 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A size or an accuracy is impossible, or α is outside 0 to 1.
    /// </exception>
    public static DistillationScore Of(
        double studentSize, double teacherSize, double studentAccuracy, double teacherAccuracy, double alpha = 0.5)
    {
        CheckAtLeastZero(nameof(studentSize), studentSize);
        CheckPositive(nameof(teacherSize), teacherSize);
        CheckAtLeastZero(nameof(studentAccuracy), studentAccuracy);
        CheckPositive(nameof(teacherAccuracy), teacherAccuracy);
        if (!(alpha is >= 0 and <= 1)) throw OutOfRange(nameof(alpha), "from 0 to 1", alpha);

        return new(alpha, studentSize / teacherSize, 1 - studentAccuracy / teacherAccuracy);
    }

    /// <summary>
    /// The α between 0 and 1 at which two students have the same score, so that their order changes there. Null if one
    /// is never worse (equal sizes or equal accuracies), or if the scores are equal at every α.
    /// </summary>
    public static double? BreakEven(DistillationScore one, DistillationScore other)
    {
        // α r₁ + (1 − α) d₁ = α r₂ + (1 − α) d₂
        var loss = other.AccuracyLoss - one.AccuracyLoss;
        var alpha = loss / (one.SizeRatio - other.SizeRatio + loss);
        return alpha is > 0 and < 1 ? alpha : null;
    }

    static void CheckAtLeastZero(string name, double value)
    {
        if (!(value >= 0 && double.IsFinite(value))) throw OutOfRange(name, "at least 0", value);
    }

    static void CheckPositive(string name, double value)
    {
        if (!(value > 0 && double.IsFinite(value))) throw OutOfRange(name, "greater than 0", value);
    }

    static ArgumentOutOfRangeException OutOfRange(string name, string rule, double value) =>
        new(name, null, Invariant($"{name} must be {rule}; it is {value}."));
}
