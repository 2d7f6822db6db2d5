namespace Retort.Runtime.Metrics;

/// <summary>
/// How well the confidence of predictions, their largest probability at temperature 1, matches their accuracy.
/// </summary>
/// <remarks>Guo et al., On Calibration of Modern Neural Networks, arXiv:1706.04599, §2.</remarks>
public static class Calibration
{
    /// <summary>
    /// Predictions by confidence, in bins of equal width: bin k is (k / bins, (k + 1) / bins]. [N, C], [N]
    /// </summary>
    public static IReadOnlyList<ConfidenceBin> Bins(
        ReadOnlySpan<float> logits, ReadOnlySpan<long> labels, int bins = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        var classes = LogitRows.CheckClasses(logits, labels.Length);
        var counts = new int[bins];
        var correct = new int[bins];
        var confidences = new double[bins];                                 // sums
        for (var i = 0; i < labels.Length; i++)
        {
            var row = logits.Slice(i * classes, classes);
            var confidence = LogitRows.Confidence(row);
            var k = 0;
            while (k < bins - 1 && confidence > (k + 1) / (double)bins) k++;
            counts[k]++;
            confidences[k] += confidence;
            if (LogitRows.ArgMax(row) == LogitRows.CheckLabel(labels[i], i, classes)) correct[k]++;
        }
        return [.. Enumerable.Range(0, bins).Select(ToBin)];

        ConfidenceBin ToBin(int k)
        {
            var (low, high) = (k / (double)bins, (k + 1) / (double)bins);
            return counts[k] == 0
                ? new(low, high, 0, 0, 0)
                : new(low, high, counts[k], (double)correct[k] / counts[k], confidences[k] / counts[k]);
        }
    }

    /// <summary>
    /// ECE, the expected calibration error: mean over predictions of |accuracy - confidence| of their bin. [N, C], [N]
    /// </summary>
    public static double ExpectedError(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels, int bins = 10)
    {
        var sum = 0.0;
        foreach (var bin in Bins(logits, labels, bins)) sum += bin.Count * Math.Abs(bin.Accuracy - bin.Confidence);
        return sum / labels.Length;
    }
}
