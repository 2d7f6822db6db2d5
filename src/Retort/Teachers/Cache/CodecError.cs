namespace Retort.Teachers.Cache;

/// <summary>A codec's error for one output, measured on everything that was written.</summary>
/// <param name="Output">The output's name.</param>
/// <param name="Largest">The largest |decoded − original|.</param>
/// <param name="LargestKept">The same over numbers that are stored by themselves: of top-k without the tail.</param>
/// <param name="Mean">The mean of |decoded − original|, padding included.</param>
/// <param name="Kl">Of logits: mean KL(softmax original ‖ softmax decoded) at T = 1 in nats; else 0.</param>
/// <param name="LargestKl">The largest of a single example.</param>
/// <param name="Examples">The number of examples.</param>
public sealed record CodecError(
    string Output, double Largest, double LargestKept, double Mean, double Kl, double LargestKl, long Examples)
{
    /// <summary>The error over two sets of examples together.</summary>
    internal CodecError With(CodecError other)
    {
        var all = Math.Max(Examples + other.Examples, 1);
        return new(Output, Math.Max(Largest, other.Largest), Math.Max(LargestKept, other.LargestKept),
            (Mean * Examples + other.Mean * other.Examples) / all, (Kl * Examples + other.Kl * other.Examples) / all,
            Math.Max(LargestKl, other.LargestKl), Examples + other.Examples);
    }
}

/// <summary>Measures a codec's error for one output, example by example.</summary>
sealed class ErrorMeasure(CacheField of)
{
    readonly float[] _decoded = new float[of.Width];
    double _largest, _largestKept, _sum, _kl, _largestKl;
    long _examples;

    public CodecError Result => new(of.Output.Name, _largest, _largestKept,
        _sum / Math.Max(_examples * of.Width, 1), _kl / Math.Max(_examples, 1), _largestKl, _examples);

    public void Add(ReadOnlySpan<float> original, ReadOnlySpan<byte> record)
    {
        of.Codec.Decode(record, _decoded);
        for (var i = 0; i < _decoded.Length; i++)
        {
            var error = Math.Abs((double)_decoded[i] - original[i]);
            _sum += error;
            _largest = Math.Max(_largest, error);
            if (error > _largestKept && of.Codec.IsStored(record, i)) _largestKept = error;
        }
        _examples++;
        if (of.Output.Key != Output.Logits) return;

        var kl = Divergence(original, _decoded);
        (_kl, _largestKl) = (_kl + kl, Math.Max(_largestKl, kl));
    }

    // Σ p (log p − log q), in float64; rounding may take it a little below 0
    static double Divergence(ReadOnlySpan<float> logits, ReadOnlySpan<float> decoded)
    {
        if (logits.SequenceEqual(decoded)) return 0;
        var (norm, decodedNorm, sum) = (LogSumExp(logits), LogSumExp(decoded), 0.0);
        for (var i = 0; i < logits.Length; i++)
        {
            var log = logits[i] - norm;
            sum += Math.Exp(log) * (log - (decoded[i] - decodedNorm));
        }
        return Math.Max(sum, 0);
    }

    static double LogSumExp(ReadOnlySpan<float> values)
    {
        var (largest, sum) = (double.NegativeInfinity, 0.0);
        foreach (var value in values) largest = Math.Max(largest, value);
        foreach (var value in values) sum += Math.Exp(value - largest);
        return largest + Math.Log(sum);
    }
}
