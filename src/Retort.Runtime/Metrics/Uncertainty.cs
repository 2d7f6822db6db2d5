namespace Retort.Runtime.Metrics;

/// <summary>
/// How uncertain a network is, and how that varies between examples, in double precision. Zhang and Sabuncu,
/// arXiv:2006.05065.
/// </summary>
public static class Uncertainty
{
    const double MinDistance = 1e-12;
    const int BinCount = 20;

    /// <summary>Average predictive uncertainty: mean entropy of softmax(logits / T), in nats. [N, C]</summary>
    public static double MeanEntropy(ReadOnlySpan<float> logits, int rows, double temperature = 1)
    {
        var classes = LogitRows.CheckClasses(logits, rows);
        var logP = new double[classes];
        var sum = 0.0;
        for (var i = 0; i < rows; i++)
        {
            LogitRows.LogProbabilities(logits.Slice(i * classes, classes), temperature, logP);
            foreach (var log in logP) sum -= Math.Exp(log) * log;
        }
        return sum / rows;
    }

    /// <summary>Mean probability of the label, softmax(logits / T)[y]. [N, C], [N]</summary>
    public static double LabelConfidence(
        ReadOnlySpan<float> logits, ReadOnlySpan<long> labels, double temperature = 1)
    {
        var complements = ComplementsOfLabel(logits, labels, temperature);
        return 1 - complements.Sum() / complements.Length;
    }

    /// <summary>
    /// Confidence diversity of softmax(logits / T)[y] over the examples, of which more than k are needed. [N, C], [N]
    /// </summary>
    /// <remarks>
    /// It is computed from 1 − p[y], the sum over the other classes, so that confidences close to 1 keep their digits.
    /// </remarks>
    public static ConfidenceDiversity Diversity(
        ReadOnlySpan<float> logits, ReadOnlySpan<long> labels, double temperature = 1, int k = 3)
    {
        var complements = ComplementsOfLabel(logits, labels, temperature);
        var (entropy, floored) = Entropy(complements, k);
        var mean = complements.Sum() / complements.Length;
        var variance = complements.Sum(value => (value - mean) * (value - mean)) / complements.Length;
        return new(entropy, variance, HistogramEntropy(complements), floored);
    }

    /// <summary>
    /// Differential entropy, in nats, of the distribution that numbers were drawn from, by the distance r of each to
    /// its k-th nearest neighbor (Kozachenko and Leonenko, 1987): ψ(n) − ψ(k) + ln 2 + mean of ln max(r, 1e-12); and
    /// how often r was smaller than that.
    /// </summary>
    public static (double Nats, int Floored) Entropy(ReadOnlySpan<double> values, int k = 3)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        if (values.Length <= k)
            throw new ArgumentException(
                Invariant($"The distance to the {k}-th nearest neighbor needs more than {k} examples; ")
                + Invariant($"{values.Length} came."));

        var sorted = values.ToArray();
        Array.Sort(sorted);
        var sum = 0.0;
        var floored = 0;
        var left = 0;
        for (var i = 0; i < sorted.Length; i++)
        {
            // the k + 1 nearest numbers, itself included, are consecutive: from left to left + k
            while (left + k + 1 < sorted.Length
                && (left + k < i || sorted[left + k + 1] - sorted[i] < sorted[i] - sorted[left])) left++;

            var r = Math.Max(sorted[i] - sorted[left], sorted[left + k] - sorted[i]);
            if (r < MinDistance) floored++;
            sum += Math.Log(Math.Max(r, MinDistance));
        }

        var psi = 0.0;                                                      // ψ(n) − ψ(k)
        for (var i = k; i < sorted.Length; i++) psi += 1.0 / i;
        return (psi + Math.Log(2) + sum / sorted.Length, floored);
    }

    static double HistogramEntropy(double[] values)
    {
        var counts = new int[BinCount];
        foreach (var value in values) counts[Math.Clamp((int)(value * BinCount), 0, BinCount - 1)]++;
        return -counts.Where(count => count > 0)
            .Sum(count => count / (double)values.Length * Math.Log(count * (double)BinCount / values.Length));
    }

    /// <summary>1 − p[y] of each example. [N, C], [N] → [N]</summary>
    static double[] ComplementsOfLabel(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels, double temperature)
    {
        var classes = LogitRows.CheckClasses(logits, labels.Length);
        var logP = new double[classes];
        var complements = new double[labels.Length];
        for (var i = 0; i < complements.Length; i++)
        {
            LogitRows.LogProbabilities(logits.Slice(i * classes, classes), temperature, logP);
            var label = LogitRows.CheckLabel(labels[i], i, classes);
            for (var j = 0; j < classes; j++)
                if (j != label) complements[i] += Math.Exp(logP[j]);
        }
        return complements;
    }
}
