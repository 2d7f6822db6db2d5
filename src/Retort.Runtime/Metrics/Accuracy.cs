using System.Numerics.Tensors;

namespace Retort.Runtime.Metrics;

/// <summary>How often the largest logit is the label.</summary>
public static class Accuracy
{
    /// <summary>The share of rows whose largest logit (the first of equals) is the label. [N, C], [N]</summary>
    public static double Of(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels)
    {
        var classes = logits.Length / labels.Length;
        var right = 0;
        for (var i = 0; i < labels.Length; i++)
            if (TensorPrimitives.IndexOfMax(logits.Slice(i * classes, classes)) == labels[i]) right++;
        return (double)right / labels.Length;
    }
}
