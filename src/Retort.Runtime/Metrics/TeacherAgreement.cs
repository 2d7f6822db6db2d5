namespace Retort.Runtime.Metrics;

/// <summary>How closely a student does what its teacher does, whatever the labels say.</summary>
/// <remarks>Stanton et al., Does Knowledge Distillation Really Work?, arXiv:2106.05945, §3.</remarks>
public static class TeacherAgreement
{
    /// <summary>The share of rows whose largest logit (the first of equals) is the same class. [N, C], [N, C]</summary>
    public static double Agreement(ReadOnlySpan<float> teacher, ReadOnlySpan<float> student, int classes)
    {
        var rows = Same(teacher, student, classes);
        var agreed = 0;
        for (var i = 0; i < rows; i++)
            if (LogitRows.ArgMax(teacher.Slice(i * classes, classes)) == LogitRows.ArgMax(student.Slice(i * classes, classes))) agreed++;
        return (double)agreed / rows;
    }

    /// <summary>
    /// Predictive KL: mean of Σ p_t (ln p_t - ln p_s) at temperature 1, in nats; the teacher stands first.
    /// [N, C], [N, C]
    /// </summary>
    public static double KlDivergence(ReadOnlySpan<float> teacher, ReadOnlySpan<float> student, int classes)
    {
        var rows = Same(teacher, student, classes);
        var (logP, logQ) = (new double[classes], new double[classes]);
        var sum = 0.0;
        for (var i = 0; i < rows; i++)
        {
            LogitRows.LogProbabilities(teacher.Slice(i * classes, classes), logP);
            LogitRows.LogProbabilities(student.Slice(i * classes, classes), logQ);
            for (var j = 0; j < classes; j++) sum += Math.Exp(logP[j]) * (logP[j] - logQ[j]);
        }
        return Math.Max(sum / rows, 0);                     // rounding may leave a hair below 0
    }

    /// <summary>
    /// The distillation loss at a temperature τ, mean of -τ² Σ p_t ln p_s of softened probabilities, its floor τ² H(p_t), and
    /// what lies between, which is τ² KL, in nats. [N, C], [N, C]
    /// </summary>
    public static (double Loss, double Floor, double Excess) Loss(ReadOnlySpan<float> teacher, ReadOnlySpan<float> student, int classes, double temperature)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        var rows = Same(teacher, student, classes);
        var (logP, logQ) = (new double[classes], new double[classes]);
        var (floor, excess) = (0.0, 0.0);
        for (var i = 0; i < rows; i++)
        {
            LogitRows.LogProbabilities(teacher.Slice(i * classes, classes), temperature, logP);
            LogitRows.LogProbabilities(student.Slice(i * classes, classes), temperature, logQ);
            for (var j = 0; j < classes; j++)
            {
                floor -= Math.Exp(logP[j]) * logP[j];
                excess += Math.Exp(logP[j]) * (logP[j] - logQ[j]);
            }
        }
        var (each, over) = (temperature * temperature / rows, Math.Max(excess, 0));
        return (each * (floor + over), each * floor, each * over);
    }

    /// <summary>
    /// Whether an agreement can be true of two accuracies on the same examples:
    /// max(0, a + b - 1) ≤ agreement ≤ 1 - |a - b|. All three as fractions.
    /// </summary>
    public static bool IsPossible(double agreement, double accuracy, double otherAccuracy)
    {
        const double rounding = 1e-9;
        return agreement >= Math.Max(0, accuracy + otherAccuracy - 1) - rounding
            && agreement <= 1 - Math.Abs(accuracy - otherAccuracy) + rounding;
    }

    static int Same(ReadOnlySpan<float> teacher, ReadOnlySpan<float> student, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        if (teacher.Length != student.Length || teacher.Length % classes != 0)
            throw new ArgumentException(FormattableString.Invariant(
                $"Teacher and student must have as many rows of {classes} logits; they have {teacher.Length} and {student.Length} numbers."));
        var rows = teacher.Length / classes;
        LogitRows.Classes(teacher, rows);
        LogitRows.Classes(student, rows);
        return rows;
    }
}
