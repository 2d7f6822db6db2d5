namespace Retort.Runtime.Metrics;

/// <summary>Answers whose confidence lies in (Low, High].</summary>
/// <param name="Low">Not included.</param>
/// <param name="High">Included.</param>
/// <param name="Count">How many.</param>
/// <param name="Accuracy">The share that is right; 0 where there are none.</param>
/// <param name="Confidence">Their mean confidence; 0 where there are none.</param>
public sealed record ConfidenceBin(double Low, double High, int Count, double Accuracy, double Confidence);

/// <summary>Whether a network is right as often as it says; confidence is the largest probability at temperature 1.</summary>
public static class Calibration
{
    /// <summary>
    /// Answers by confidence, in bins of equal width: bin k is (k / bins, (k + 1) / bins]. [N, C], [N]
    /// Guo et al., On Calibration of Modern Neural Networks, arXiv:1706.04599, §2.
    /// </summary>
    public static IReadOnlyList<ConfidenceBin> Bins(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels, int bins = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        var classes = LogitRows.Classes(logits, labels.Length);
        var (count, right, confidence) = (new int[bins], new int[bins], new double[bins]);
        for (var i = 0; i < labels.Length; i++)
        {
            var row = logits.Slice(i * classes, classes);
            var sure = LogitRows.Confidence(row);
            var k = 0;
            while (k < bins - 1 && sure > (k + 1) / (double)bins) k++;
            count[k]++;
            confidence[k] += sure;
            if (LogitRows.ArgMax(row) == LogitRows.Label(labels[i], i, classes)) right[k]++;
        }
        return [.. Enumerable.Range(0, bins).Select(k => new ConfidenceBin(k / (double)bins, (k + 1) / (double)bins, count[k],
            count[k] == 0 ? 0 : (double)right[k] / count[k], count[k] == 0 ? 0 : confidence[k] / count[k]))];
    }

    /// <summary>ECE: mean over all answers of |accuracy - confidence| of the bin each falls into. [N, C], [N]</summary>
    public static double ExpectedError(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels, int bins = 10)
    {
        var sum = 0.0;
        foreach (var bin in Bins(logits, labels, bins)) sum += bin.Count * Math.Abs(bin.Accuracy - bin.Confidence);
        return sum / labels.Length;
    }
}
