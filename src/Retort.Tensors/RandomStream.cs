using System.Buffers.Binary;

namespace Retort.Tensors;

/// <summary>
/// A stream of random numbers that depends on (seed, key, pass, id) alone: it needs no saved state and does not depend
/// on the order in which threads draw.
/// </summary>
/// <remarks>
/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), keyed by mixing the four numbers. A test pins the values: they stay
/// the same from version to version. This is a mutable value type: pass it by <c>ref</c>, or keep it in one local.
/// </remarks>
public struct RandomStream
{
    const ulong Gamma64 = 0x9E3779B97F4A7C15;                               // 2⁶⁴ / golden ratio
    const int TwisterWords = 624;                                           // state of the Mersenne Twister

    ulong _state;

    /// <param name="seed">Seed of the run.</param>
    /// <param name="key">What is drawn.</param>
    /// <param name="pass">Pass over the data, or another counter.</param>
    /// <param name="id">Id of the example.</param>
    public RandomStream(long seed, StreamKey key, long pass = 0, long id = 0)
    {
        var mixed = Mix((ulong)seed + Gamma64);
        mixed = Mix(mixed ^ (ulong)key + Gamma64);
        mixed = Mix(mixed ^ (ulong)pass + Gamma64);
        _state = Mix(mixed ^ (ulong)id + Gamma64);
    }

    /// <summary>64 random bits.</summary>
    public ulong Next() => Mix(_state += Gamma64);

    /// <summary>Uniform in [0, 1), in steps of 2⁻⁵³.</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public double Uniform(double low, double high) => low + (high - low) * Uniform();

    /// <summary>
    /// Uniform in 0 … count − 1, without bias (Lemire, ACM TOMACS 29:1, 2019; a second draw is hardly ever needed).
    /// </summary>
    public int NextInt(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        var bound = (ulong)count;
        var quotient = Math.BigMul(Next(), bound, out var remainder);
        if (remainder < bound)
            for (var threshold = unchecked(0UL - bound) % bound; remainder < threshold;)
                quotient = Math.BigMul(Next(), bound, out remainder);
        return (int)quotient;
    }

    /// <summary>True with this probability.</summary>
    public bool Bernoulli(double probability) => Uniform() < probability;

    /// <summary>
    /// Normal with mean 0 and standard deviation 1 (Box and Muller 1958; two uniform draws per number).
    /// </summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform());

    /// <summary>Gamma with this shape and scale 1 (Marsaglia and Tsang, ACM TOMS 26:3, 2000).</summary>
    public double Gamma(double shape)
    {
        if (shape < 1) return Gamma(shape + 1) * Math.Pow(1 - Uniform(), 1 / shape);

        var d = shape - 1.0 / 3;
        while (true)
        {
            var x = Normal();
            var v = Math.Pow(1 + x / Math.Sqrt(9 * d), 3);
            if (v > 0 && Math.Log(1 - Uniform()) < x * x / 2 + d * (1 - v + Math.Log(v))) return d * v;
        }
    }

    /// <summary>Beta(a, a).</summary>
    public double Beta(double a)
    {
        var x = Gamma(a);
        var y = Gamma(a);
        return x + y > 0 ? x / (x + y) : 0.5;
    }

    /// <summary>Puts the values into a random order, each equally likely (Fisher and Yates, from the end).</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (var i = values.Length - 1; i > 0; i--)
        {
            var j = NextInt(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    /// <summary>0 … count − 1 in a random order, each equally likely.</summary>
    public int[] Permutation(int count)
    {
        var order = new int[count];
        for (var i = 0; i < count; i++) order[i] = i;
        Shuffle<int>(order);
        return order;
    }

    /// <summary>
    /// Seeds libtorch's own generator, from which weights and dropout are drawn. The process has one generator: only
    /// the training thread may draw from it.
    /// </summary>
    public static void SeedTorch(long seed, StreamKey key, long pass = 0) =>
        torch.manual_seed((long)(new RandomStream(seed, key, pass).Next() >> 1)).Dispose();

    /// <summary>
    /// Whether a tensor holds a valid state of libtorch's CPU generator. Setting an invalid state ends the process.
    /// </summary>
    /// <remarks>
    /// The layout is: seed (8 bytes), words left (4, at least 1), seeded (4), next word (8), the 624 words of the
    /// Mersenne Twister, and a cached normal draw.
    /// </remarks>
    public static bool IsTorchState(torch.Tensor state)
    {
        if (state.dtype != torch.ScalarType.Byte || state.dim() != 1 || state.size(0) != 5056) return false;

        using var contiguous = state.contiguous();
        var bytes = contiguous.bytes;
        var wordsLeft = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        var seeded = bytes[12] != 0;
        var nextWord = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        return wordsLeft is >= 1 and <= TwisterWords && seeded && nextWord <= TwisterWords;
    }

    static ulong Mix(ulong z)
    {
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }
}
