namespace Retort.Tasks;

/// <summary>What predictions must have before they are scored.</summary>
static class PredictionCheck
{
    /// <summary>Refuses outputs with NaN or infinity.</summary>
    /// <exception cref="ArgumentException">The sentence names the first such number's row and column.</exception>
    public static void Finite(Predictions predictions)
    {
        var at = Array.FindIndex(predictions.Values, value => !float.IsFinite(value));
        if (at < 0) return;

        var (row, column) = (at / predictions.Width, at % predictions.Width);
        throw new ArgumentException(Invariant(
            $"Outputs must be finite; row {row} has {predictions.Values[at]} in column {column}."));
    }

    /// <summary>Refuses a teacher's predictions on other examples than the student's.</summary>
    public static void SameExamples(Predictions student, Predictions teacher)
    {
        if (!student.SameExamples(teacher)) throw new InvalidOperationException(
            "Teacher and student predicted different examples: "
            + "compare predictions on the same split of the same data.");
    }

    /// <summary>The targets beside the outputs, one for each. [N, C]</summary>
    public static float[] Targets(Predictions predictions)
    {
        var (targets, outputs) = (predictions.Targets ?? [], predictions.Values.Length);
        return targets.Length == outputs ? targets : throw new ArgumentException(Invariant(
            $"Each output must have a target; there are {outputs} outputs and {targets.Length} targets."));
    }

    /// <summary>The targets of a batch, which data with labels or values must fill. [B, C]</summary>
    public static Tensor Targets(Batch batch, string task) => batch.Targets ?? throw new InvalidOperationException(
        $"The task \"{task}\" needs targets in every batch; the data's split filled none.");
}
