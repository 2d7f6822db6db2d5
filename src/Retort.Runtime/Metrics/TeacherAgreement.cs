namespace Retort.Runtime.Metrics;

/// <summary>How closely a student's predictions match its teacher's, whatever the labels are.</summary>
/// <remarks>Stanton et al., Does Knowledge Distillation Really Work?, arXiv:2106.05945, §3.</remarks>
public static class TeacherAgreement
{
    /// <summary>
    /// The share of rows whose largest logit (the first of equal ones) is at the same class. [N, C], [N, C]
    /// </summary>
    public static double Agreement(ReadOnlySpan<float> teacher, ReadOnlySpan<float> student, int classes)
    {
        var rows = CheckRows(teacher, student, classes);
        var agreed = 0;
        for (var i = 0; i < rows; i++)
        {
            var ofTeacher = LogitRows.ArgMax(teacher.Slice(i * classes, classes));
            var ofStudent = LogitRows.ArgMax(student.Slice(i * classes, classes));
            if (ofTeacher == ofStudent) agreed++;
        }
        return (double)agreed / rows;
    }

    /// <summary>Predictive KL: mean of Σ p_t (ln p_t - ln p_s) at temperature 1, in nats. [N, C], [N, C]</summary>
    public static double KlDivergence(ReadOnlySpan<float> teacher, ReadOnlySpan<float> student, int classes)
    {
        var rows = CheckRows(teacher, student, classes);
        var logP = new double[classes];
        var logQ = new double[classes];
        var sum = 0.0;
        for (var i = 0; i < rows; i++)
        {
            LogitRows.LogProbabilities(teacher.Slice(i * classes, classes), logP);
            LogitRows.LogProbabilities(student.Slice(i * classes, classes), logQ);
            for (var j = 0; j < classes; j++) sum += Math.Exp(logP[j]) * (logP[j] - logQ[j]);
        }
        return Math.Max(sum / rows, 0);                                     // rounding may give slightly less than 0
    }

    /// <summary>
    /// The distillation loss at temperature τ, mean of -τ² Σ p_t ln p_s of softened probabilities; its floor τ² H(p_t);
    /// and the excess of the loss over the floor, which is τ² KL. In nats. [N, C], [N, C]
    /// </summary>
    public static (double Loss, double Floor, double Excess) Loss(
        ReadOnlySpan<float> teacher, ReadOnlySpan<float> student, int classes, double temperature)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        var rows = CheckRows(teacher, student, classes);
        var logP = new double[classes];
        var logQ = new double[classes];
        var floor = 0.0;
        var excess = 0.0;
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

        excess = Math.Max(excess, 0);
        var scale = temperature * temperature / rows;
        return (scale * (floor + excess), scale * floor, scale * excess);
    }

    /// <summary>
    /// Whether an agreement is possible for two accuracies a and b on the same examples:
    /// max(0, a + b - 1) ≤ agreement ≤ 1 - |a - b|. All three are fractions.
    /// </summary>
    public static bool IsPossible(double agreement, double accuracy, double otherAccuracy)
    {
        const double Rounding = 1e-9;
        return agreement >= Math.Max(0, accuracy + otherAccuracy - 1) - Rounding
            && agreement <= 1 - Math.Abs(accuracy - otherAccuracy) + Rounding;
    }

    static int CheckRows(ReadOnlySpan<float> teacher, ReadOnlySpan<float> student, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        if (teacher.Length != student.Length || teacher.Length % classes != 0)
            throw new ArgumentException(
                Invariant($"Teacher and student must have as many rows of {classes} logits; ")
                + Invariant($"they have {teacher.Length} and {student.Length} numbers."));

        var rows = teacher.Length / classes;
        LogitRows.CheckClasses(teacher, rows);
        LogitRows.CheckClasses(student, rows);
        return rows;
    }
}
