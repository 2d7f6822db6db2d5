namespace Retort.Runtime.Metrics;

/// <summary>The likelihood of the labels under a network's predictions.</summary>
public static class Likelihood
{
    /// <summary>NLL, the negative log-likelihood: mean of -ln softmax(logits)[label], in nats. [N, C], [N]</summary>
    public static double Nll(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels)
    {
        var classes = LogitRows.CheckClasses(logits, labels.Length);
        var sum = 0.0;
        for (var i = 0; i < labels.Length; i++)
        {
            var label = LogitRows.CheckLabel(labels[i], i, classes);
            sum -= LogitRows.LogProbability(logits.Slice(i * classes, classes), label);
        }
        return sum / labels.Length;
    }
}
