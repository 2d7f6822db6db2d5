using static System.FormattableString;

namespace Retort.Runtime.Metrics;

/// <summary>
/// The distillation score of a student: α · size ratio + (1 − α) · relative loss of accuracy. Lower is better; 0 is free and
/// lossless, a copy of the teacher scores α, and a student above its teacher may score below 0. It knows nothing of latency,
/// energy, calibration or what training cost.
/// </summary>
/// <param name="Alpha">α: above ½ small size counts for more, below it accuracy.</param>
/// <param name="SizeRatio">The student's size through the teacher's: parameters, bytes or multiply-adds, the same of both.</param>
/// <param name="AccuracyLoss">1 − the student's accuracy through the teacher's; negative where the student is better.</param>
/// <remarks>Alkhulaifi, Alsahli and Ahmad, Knowledge Distillation in Deep Learning and its Applications, PeerJ CS 7:e474, 2021.</remarks>
public sealed record DistillationScore(double Alpha, double SizeRatio, double AccuracyLoss)
{
    /// <summary>The score.</summary>
    public double Value => Alpha * SizeRatio + (1 - Alpha) * AccuracyLoss;

    /// <summary>Of a student beside its teacher.</summary>
    /// <param name="studentSize">In the teacher's unit; 0 is allowed.</param>
    /// <param name="teacherSize">Of an ensemble the sum over its members.</param>
    /// <param name="studentAccuracy">A score of which more is better, on the teacher's test set, in its unit.</param>
    /// <param name="teacherAccuracy">The teacher's.</param>
    /// <param name="alpha">From 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size or an accuracy that none can have, or an α outside of 0 to 1.</exception>
    public static DistillationScore Of(double studentSize, double teacherSize, double studentAccuracy, double teacherAccuracy, double alpha = 0.5)
    {
        if (!(studentSize >= 0 && double.IsFinite(studentSize))) throw Wrong(nameof(studentSize), "at least 0", studentSize);
        if (!(teacherSize > 0 && double.IsFinite(teacherSize))) throw Wrong(nameof(teacherSize), "greater than 0", teacherSize);
        if (!(studentAccuracy >= 0 && double.IsFinite(studentAccuracy))) throw Wrong(nameof(studentAccuracy), "at least 0", studentAccuracy);
        if (!(teacherAccuracy > 0 && double.IsFinite(teacherAccuracy))) throw Wrong(nameof(teacherAccuracy), "greater than 0", teacherAccuracy);
        if (!(alpha is >= 0 and <= 1)) throw Wrong(nameof(alpha), "from 0 to 1", alpha);
        return new(alpha, studentSize / teacherSize, 1 - studentAccuracy / teacherAccuracy);
    }

    /// <summary>
    /// The α between 0 and 1 at which two students score alike, so that their order turns there; null where one is never worse
    /// (two of one size, or of one accuracy), or both are alike at every α.
    /// </summary>
    public static double? BreakEven(DistillationScore one, DistillationScore other)
    {
        // α r₁ + (1 − α) d₁ = α r₂ + (1 − α) d₂
        var loss = other.AccuracyLoss - one.AccuracyLoss;
        var alpha = loss / (one.SizeRatio - other.SizeRatio + loss);
        return alpha is > 0 and < 1 ? alpha : null;
    }

    static ArgumentOutOfRangeException Wrong(string name, string rule, double value) => new(name, null, Invariant($"{name} must be {rule}; it is {value}."));
}
