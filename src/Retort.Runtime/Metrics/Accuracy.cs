namespace Retort.Runtime.Metrics;

/// <summary>How often the largest logit is at the label.</summary>
public static class Accuracy
{
    /// <summary>The share of rows whose largest logit (the first of equal ones) is at the label. [N, C], [N]</summary>
    public static double Of(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels) =>
        (double)CorrectCount(logits, labels) / labels.Length;

    /// <summary>
    /// How many rows those are. Accuracies on sets of equal size are compared exactly by their counts. [N, C], [N]
    /// </summary>
    public static int CorrectCount(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels)
    {
        var classes = LogitRows.CheckClasses(logits, labels.Length);
        var correct = 0;
        for (var i = 0; i < labels.Length; i++)
            if (LogitRows.ArgMax(logits.Slice(i * classes, classes)) == labels[i]) correct++;
        return correct;
    }
}
