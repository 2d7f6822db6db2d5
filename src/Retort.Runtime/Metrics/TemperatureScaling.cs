namespace Retort.Runtime.Metrics;

/// <summary>
/// One temperature for all logits, so that confidence comes nearer to accuracy; which class is largest does not change.
/// Guo et al., On Calibration of Modern Neural Networks, arXiv:1706.04599, §4.2.
/// </summary>
public static class TemperatureScaling
{
    /// <summary>The lowest and the highest temperature that <see cref="Fit"/> gives.</summary>
    public static (double Low, double High) Range { get; } = (0.05, 20);

    /// <summary>
    /// The temperature of the lowest NLL of softmax(logits / T), on examples that are neither trained nor tested on; at an end of
    /// <see cref="Range"/> where the NLL still falls there (every answer right: the surer the better). [N, C], [N]
    /// </summary>
    public static double Fit(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels)
    {
        var classes = LogitRows.Classes(logits, labels.Length);
        for (var i = 0; i < labels.Length; i++) LogitRows.Label(labels[i], i, classes);
        // the NLL is convex in 1 / T: its slope, mean of Σ p z − z_y, is looked for its zero
        var (low, high) = (Math.Log(1 / Range.High), Math.Log(1 / Range.Low));
        for (var round = 0; round < 60; round++)
        {
            var middle = (low + high) / 2;
            if (Slope(logits, labels, classes, Math.Exp(middle)) > 0) high = middle;
            else low = middle;
        }
        return Math.Exp(-(low + high) / 2);
    }

    /// <summary>The logits through the temperature. [N, C] → [N, C]</summary>
    public static float[] Apply(ReadOnlySpan<float> logits, double temperature)
    {
        var scaled = new float[logits.Length];
        for (var i = 0; i < scaled.Length; i++) scaled[i] = (float)(logits[i] / temperature);
        return scaled;
    }

    static double Slope(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels, int classes, double inverse)
    {
        var sum = 0.0;
        for (var i = 0; i < labels.Length; i++)
        {
            var row = logits.Slice(i * classes, classes);
            var top = row[LogitRows.ArgMax(row)];
            var (weight, weighted) = (0.0, 0.0);
            foreach (var logit in row)
            {
                var p = Math.Exp(inverse * ((double)logit - top));
                (weight, weighted) = (weight + p, weighted + p * logit);
            }
            sum += weighted / weight - row[(int)labels[i]];
        }
        return sum / labels.Length;
    }
}
