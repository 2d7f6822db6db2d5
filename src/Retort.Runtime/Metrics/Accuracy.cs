namespace Retort.Runtime.Metrics;

/// <summary>How often the largest logit is the label.</summary>
public static class Accuracy
{
    /// <summary>The share of rows whose largest logit (the first of equals) is the label. [N, C], [N]</summary>
    public static double Of(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels) => (double)CorrectCount(logits, labels) / labels.Length;

    /// <summary>How many rows those are: accuracies of equal sets are compared exactly by their counts. [N, C], [N]</summary>
    public static int CorrectCount(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels)
    {
        var classes = LogitRows.Classes(logits, labels.Length);
        var right = 0;
        for (var i = 0; i < labels.Length; i++)
            if (LogitRows.ArgMax(logits.Slice(i * classes, classes)) == labels[i]) right++;
        return right;
    }
}
