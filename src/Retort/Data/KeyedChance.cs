namespace Retort.Data;

/// <summary>
/// Numbers that follow from their keys alone (SplitMix64), so that a split or an augmentation is the same on every
/// machine, on whichever thread it is asked for, and nothing of it needs saving.
/// </summary>
public struct KeyedChance
{
    const ulong Golden = 0x9E3779B97F4A7C15;
    ulong _state;

    /// <summary>The stream of these keys; another order of keys is another stream.</summary>
    public KeyedChance(params ReadOnlySpan<long> keys)
    {
        foreach (var key in keys) _state = Mixed(_state + Golden + (ulong)key);
    }

    /// <summary>64 bits.</summary>
    public ulong Bits() => Mixed(_state += Golden);

    /// <summary>Uniform in [0, 1).</summary>
    public double Share() => (Bits() >> 11) * (1.0 / (1L << 53));

    /// <summary>Uniform in 0 … count - 1.</summary>
    public int Below(int count) => (int)Math.BigMul(Bits(), (ulong)count, out _);

    /// <summary>Normal with mean 0 and deviation 1 (Box and Muller).</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Share())) * Math.Cos(2 * Math.PI * Share());

    /// <summary>Gamma with this shape and scale 1 (Marsaglia and Tsang, 2000).</summary>
    public double Gamma(double shape)
    {
        if (shape < 1) return Gamma(shape + 1) * Math.Pow(1 - Share(), 1 / shape);
        var d = shape - 1.0 / 3;
        while (true)
        {
            var x = Normal();
            var v = Math.Pow(1 + x / Math.Sqrt(9 * d), 3);
            if (v > 0 && Math.Log(1 - Share()) < x * x / 2 + d * (1 - v + Math.Log(v))) return d * v;
        }
    }

    /// <summary>Beta(a, a).</summary>
    public double Beta(double a)
    {
        var (x, y) = (Gamma(a), Gamma(a));
        return x + y > 0 ? x / (x + y) : 0.5;
    }

    /// <summary>Every order equally likely.</summary>
    public void Shuffle(Span<int> values)
    {
        for (var i = values.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    static ulong Mixed(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
