using System.Buffers.Binary;
using TorchSharp;

namespace Retort.Tensors;

/// <summary>What chance is used for; each purpose has its own stream, so that one more draw here changes nothing there.</summary>
public enum StreamKey
{
    /// <summary>Initial weights.</summary>
    Weights = 1,

    /// <summary>The order of the examples.</summary>
    Shuffle = 2,

    /// <summary>Shifts, flips, noise.</summary>
    Augmentation = 3,

    /// <summary>Which examples go into which part.</summary>
    Split = 4,

    /// <summary>What the training loop draws: dropout and the like.</summary>
    Training = 5,

    /// <summary>Data made up for tests and samples.</summary>
    Data = 6,

    /// <summary>Which examples of a batch are mixed, and how much of each.</summary>
    Mixup = 7,

    /// <summary>What a method draws for a batch.</summary>
    Method = 8,

    /// <summary>What a student's moving average draws: first weights of its own, dropout.</summary>
    Ema = 9,

    /// <summary>Which combinations of options a search tries.</summary>
    Search = 10,
}

/// <summary>
/// Chance as a function of (seed, purpose, pass, id): nothing of it needs saving, and it does not depend on which thread
/// asks first. The stream is SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), keyed by mixing the four numbers; the
/// values are pinned by a test and stay the same from version to version.
/// </summary>
/// <remarks>A value type that moves on as it is drawn from: hand it on by <c>ref</c> or hold it in one local.</remarks>
public struct RandomStream
{
    const ulong Golden = 0x9E3779B97F4A7C15;
    ulong _state;

    /// <param name="seed">The run's.</param>
    /// <param name="purpose">What is drawn.</param>
    /// <param name="pass">Which time round.</param>
    /// <param name="id">For which example.</param>
    public RandomStream(long seed, StreamKey purpose, long pass = 0, long id = 0)
    {
        var key = Mixed((ulong)seed + Golden);
        key = Mixed(key ^ (ulong)purpose + Golden);
        key = Mixed(key ^ (ulong)pass + Golden);
        _state = Mixed(key ^ (ulong)id + Golden);
    }

    /// <summary>64 bits.</summary>
    public ulong Next() => Mixed(_state += Golden);

    /// <summary>At least 0 and less than 1, in steps of 2⁻⁵³.</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>At least <paramref name="low"/> and less than <paramref name="high"/>.</summary>
    public double Uniform(double low, double high) => low + (high - low) * Uniform();

    /// <summary>0 … count − 1, each as likely (Lemire, ACM TOMACS 29:1, 2019: no bias, hardly ever a second draw).</summary>
    public int NextInt(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        var (bound, whole) = ((ulong)count, Math.BigMul(Next(), (ulong)count, out var rest));
        if (rest < bound)
            for (var least = unchecked(0UL - bound) % bound; rest < least;)
                whole = Math.BigMul(Next(), bound, out rest);
        return (int)whole;
    }

    /// <summary>Whether something of this probability happens.</summary>
    public bool Bernoulli(double probability) => Uniform() < probability;

    /// <summary>Mean 0, deviation 1 (Box and Muller 1958; two uniform draws a number).</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform());

    /// <summary>Gamma of this shape, scale 1 (Marsaglia and Tsang, ACM TOMS 26:3, 2000).</summary>
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
        var (x, y) = (Gamma(a), Gamma(a));
        return x + y > 0 ? x / (x + y) : 0.5;
    }

    /// <summary>Into an order of which each is as likely (Fisher and Yates, from the end).</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (var i = values.Length - 1; i > 0; i--)
        {
            var j = NextInt(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    /// <summary>0 … count − 1 in an order of which each is as likely.</summary>
    public int[] Permutation(int count)
    {
        var order = new int[count];
        for (var i = 0; i < count; i++) order[i] = i;
        Shuffle<int>(order);
        return order;
    }

    /// <summary>
    /// Seeds the engine's own generator, from which weights and dropout are drawn. There is one for the whole process:
    /// only the thread that trains may draw from it.
    /// </summary>
    public static void SeedTorch(long seed, StreamKey purpose, long pass = 0) =>
        torch.manual_seed((long)(new RandomStream(seed, purpose, pass).Next() >> 1)).Dispose();

    /// <summary>
    /// Whether these are the bytes of a state of the engine's generator on the CPU: setting it to others ends the process.
    /// Its 624 words are known, how many of them are left (from 1 on), and which is next.
    /// </summary>
    public static bool IsTorchState(torch.Tensor state)
    {
        if (state.dtype != torch.ScalarType.Byte || state.dim() != 1 || state.size(0) != 5056) return false;
        using var plain = state.contiguous();
        var bytes = plain.bytes;                                           // seed, left, seeded, next, the words, the normal that is kept
        return BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]) is >= 1 and <= Words && bytes[12] != 0
            && BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]) <= Words;
    }

    const int Words = 624;                                                 // of the Mersenne Twister

    static ulong Mixed(ulong z)
    {
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }
}
