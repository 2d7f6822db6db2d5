namespace Retort.Runtime.Metrics;

/// <summary>How much a network's probabilities are worth, right or wrong.</summary>
public static class Likelihood
{
    /// <summary>NLL: mean of -ln softmax(logits)[label], in nats. [N, C], [N]</summary>
    public static double Nll(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels)
    {
        var classes = LogitRows.Classes(logits, labels.Length);
        var sum = 0.0;
        for (var i = 0; i < labels.Length; i++)
            sum -= LogitRows.LogProbability(logits.Slice(i * classes, classes), LogitRows.Label(labels[i], i, classes));
        return sum / labels.Length;
    }
}
