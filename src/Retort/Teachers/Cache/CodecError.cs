namespace Retort.Teachers.Cache;

/// <summary>What a codec lost of one signal, measured on everything that was written.</summary>
/// <param name="Output">Whose.</param>
/// <param name="Largest">The largest |kept − answered|.</param>
/// <param name="LargestKept">The same over the numbers that have a place of their own: of top-k without the tail.</param>
/// <param name="Mean">The mean of |kept − answered|.</param>
/// <param name="Kl">Mean KL(softmax answered ‖ softmax kept) at T = 1 in nats; 0 of other signals than logits.</param>
/// <param name="LargestKl">The largest of a single example.</param>
/// <param name="Examples">How many examples it was measured on.</param>
public sealed record CodecError(string Output, double Largest, double LargestKept, double Mean, double Kl, double LargestKl, long Examples)
{
    /// <summary>Of two pieces together.</summary>
    internal CodecError With(CodecError other)
    {
        var all = Math.Max(Examples + other.Examples, 1);
        return new(Output, Math.Max(Largest, other.Largest), Math.Max(LargestKept, other.LargestKept),
            (Mean * Examples + other.Mean * other.Examples) / all, (Kl * Examples + other.Kl * other.Examples) / all,
            Math.Max(LargestKl, other.LargestKl), Examples + other.Examples);
    }
}

/// <summary>Measures a codec's error, example by example.</summary>
sealed class ErrorMeasure(CacheField of)
{
    readonly float[] _kept = new float[of.Width];
    double _largest, _largestKept, _sum, _kl, _largestKl;
    long _examples;

    public void Add(ReadOnlySpan<float> answered, ReadOnlySpan<byte> record)
    {
        of.Codec.Decode(record, _kept);
        for (var i = 0; i < _kept.Length; i++)
        {
            var error = Math.Abs((double)_kept[i] - answered[i]);
            _sum += error;
            _largest = Math.Max(_largest, error);
            if (error > _largestKept && of.Codec.Keeps(record, i)) _largestKept = error;
        }
        _examples++;
        if (of.Signal.Name != "logits") return;
        var kl = Divergence(answered, _kept);
        (_kl, _largestKl) = (_kl + kl, Math.Max(_largestKl, kl));
    }

    public CodecError Result => new(of.Signal.Name, _largest, _largestKept, _sum / Math.Max(_examples * of.Width, 1),
        _kl / Math.Max(_examples, 1), _largestKl, _examples);

    /// <summary>Σ p (log p − log q), in double; rounding may take it a little below 0.</summary>
    static double Divergence(ReadOnlySpan<float> logits, ReadOnlySpan<float> kept)
    {
        if (logits.SequenceEqual(kept)) return 0;
        var (norm, keptNorm, sum) = (LogSum(logits), LogSum(kept), 0.0);
        for (var i = 0; i < logits.Length; i++)
        {
            var log = logits[i] - norm;
            sum += Math.Exp(log) * (log - (kept[i] - keptNorm));
        }
        return Math.Max(sum, 0);
    }

    static double LogSum(ReadOnlySpan<float> values)
    {
        var (largest, sum) = (double.NegativeInfinity, 0.0);
        foreach (var value in values) largest = Math.Max(largest, value);
        foreach (var value in values) sum += Math.Exp(value - largest);
        return largest + Math.Log(sum);
    }
}
