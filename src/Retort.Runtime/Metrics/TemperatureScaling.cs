namespace Retort.Runtime.Metrics;

/// <summary>
/// Divides all logits by one temperature, so that confidence comes closer to accuracy. The predicted classes stay the
/// same. Guo et al., On Calibration of Modern Neural Networks, arXiv:1706.04599, §4.2.
/// </summary>
public static class TemperatureScaling
{
    const int Bisections = 60;

    /// <summary>The lowest and the highest temperature that <see cref="Fit"/> returns.</summary>
    public static (double Low, double High) Range { get; } = (0.05, 20);

    /// <summary>
    /// The temperature T with the lowest NLL of softmax(logits / T), on examples that are used neither for training nor
    /// for testing. It is an end of <see cref="Range"/> if the NLL still falls there, for example if every prediction
    /// is correct. [N, C], [N]
    /// </summary>
    public static double Fit(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels)
    {
        var classes = LogitRows.CheckClasses(logits, labels.Length);
        for (var i = 0; i < labels.Length; i++) LogitRows.CheckLabel(labels[i], i, classes);

        // the NLL is convex in 1 / T: bisection, on a logarithmic scale, for the zero of its slope
        var low = Math.Log(1 / Range.High);
        var high = Math.Log(1 / Range.Low);
        for (var i = 0; i < Bisections; i++)
        {
            var middle = (low + high) / 2;
            if (Slope(logits, labels, classes, Math.Exp(middle)) > 0) high = middle;
            else low = middle;
        }
        return Math.Exp(-(low + high) / 2);
    }

    /// <summary>The logits divided by the temperature, and no larger than a float can be. [N, C] → [N, C]</summary>
    public static float[] Apply(ReadOnlySpan<float> logits, double temperature)
    {
        var scaled = new float[logits.Length];
        for (var i = 0; i < scaled.Length; i++)
            scaled[i] = (float)Math.Clamp(logits[i] / temperature, float.MinValue, float.MaxValue);
        return scaled;
    }

    /// <summary>Derivative of the NLL by 1 / T: mean of Σ p z − z_y.</summary>
    static double Slope(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels, int classes, double inverse)
    {
        var sum = 0.0;
        for (var i = 0; i < labels.Length; i++)
        {
            var row = logits.Slice(i * classes, classes);
            var top = row[LogitRows.ArgMax(row)];
            var weights = 0.0;
            var weightedLogits = 0.0;
            foreach (var logit in row)
            {
                var weight = Math.Exp(inverse * ((double)logit - top));
                weights += weight;
                weightedLogits += weight * logit;
            }
            sum += weightedLogits / weights - row[(int)labels[i]];
        }
        return sum / labels.Length;
    }
}
