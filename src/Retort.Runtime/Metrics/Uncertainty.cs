namespace Retort.Runtime.Metrics;

/// <summary>How differently sure a network is of the labels of different examples.</summary>
/// <param name="Entropy">
/// Differential entropy of the labels' probabilities, nats, by nearest neighbours; 0 is the most (they lie evenly between 0 and 1),
/// and the more they lie together the further it is below.
/// </param>
/// <param name="Variance">Of the labels' probabilities, over N.</param>
/// <param name="Histogram">The same entropy from a histogram of 20 bins: between −ln 20 and 0.</param>
/// <param name="Floored">Examples whose neighbour lies nearer than 1e-12 and was taken to lie there.</param>
public sealed record ConfidenceDiversity(double Entropy, double Variance, double Histogram, int Floored);

/// <summary>
/// How unsure a network is, and whether that differs from example to example. Zhang and Sabuncu, arXiv:2006.05065; in double
/// precision.
/// </summary>
public static class Uncertainty
{
    const double Floor = 1e-12;
    const int Bins = 20;

    /// <summary>Average predictive uncertainty: mean entropy of softmax(logits / T), nats. [N, C]</summary>
    public static double MeanEntropy(ReadOnlySpan<float> logits, int rows, double temperature = 1)
    {
        var classes = LogitRows.Classes(logits, rows);
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
    public static double LabelConfidence(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels, double temperature = 1)
    {
        var doubts = Doubts(logits, labels, temperature);
        return 1 - doubts.Sum() / doubts.Length;
    }

    /// <summary>Confidence diversity of softmax(logits / T)[y] over the examples, of which more than k are needed. [N, C], [N]</summary>
    /// <remarks>Computed of 1 − p[y], summed over the other classes, so that what is nearly 1 keeps its digits.</remarks>
    public static ConfidenceDiversity Diversity(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels, double temperature = 1, int k = 3)
    {
        var doubts = Doubts(logits, labels, temperature);
        var (entropy, floored) = Entropy(doubts, k);
        var mean = doubts.Sum() / doubts.Length;
        return new(entropy, doubts.Sum(doubt => (doubt - mean) * (doubt - mean)) / doubts.Length, Histogram(doubts), floored);
    }

    /// <summary>
    /// Differential entropy, nats, of what numbers on a line were drawn from, by the distance r of each to its k-th nearest
    /// other (Kozachenko and Leonenko, 1987): ψ(n) − ψ(k) + ln 2 + mean of ln max(r, 1e-12); and how often r was smaller.
    /// </summary>
    public static (double Nats, int Floored) Entropy(ReadOnlySpan<double> values, int k = 3)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        if (values.Length <= k) throw new ArgumentException(FormattableString.Invariant(
            $"The distance to the nearest other of number {k} needs more than {k} examples; {values.Length} came."));
        var sorted = values.ToArray();
        Array.Sort(sorted);
        var (sum, floored, left) = (0.0, 0, 0);
        for (var i = 0; i < sorted.Length; i++)
        {
            // the k + 1 numbers that lie nearest, itself among them, stand side by side: from left to left + k
            while (left + k + 1 < sorted.Length && (left + k < i || sorted[left + k + 1] - sorted[i] < sorted[i] - sorted[left])) left++;
            var r = Math.Max(sorted[i] - sorted[left], sorted[left + k] - sorted[i]);
            if (r < Floor) floored++;
            sum += Math.Log(Math.Max(r, Floor));
        }
        var psi = 0.0;                                                     // ψ(n) − ψ(k)
        for (var i = k; i < sorted.Length; i++) psi += 1.0 / i;
        return (psi + Math.Log(2) + sum / sorted.Length, floored);
    }

    static double Histogram(double[] values)
    {
        var counts = new int[Bins];
        foreach (var value in values) counts[Math.Clamp((int)(value * Bins), 0, Bins - 1)]++;
        return -counts.Where(count => count > 0).Sum(count => count / (double)values.Length * Math.Log(count * (double)Bins / values.Length));
    }

    // 1 − p[y]
    static double[] Doubts(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels, double temperature)
    {
        var classes = LogitRows.Classes(logits, labels.Length);
        var (logP, doubts) = (new double[classes], new double[labels.Length]);
        for (var i = 0; i < doubts.Length; i++)
        {
            LogitRows.LogProbabilities(logits.Slice(i * classes, classes), temperature, logP);
            var label = LogitRows.Label(labels[i], i, classes);
            for (var j = 0; j < classes; j++)
                if (j != label) doubts[i] += Math.Exp(logP[j]);
        }
        return doubts;
    }
}
