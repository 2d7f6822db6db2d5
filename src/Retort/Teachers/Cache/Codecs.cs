using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Retort.Teachers.Cache;

/// <summary>How a cache keeps numbers, as a recipe names it.</summary>
public abstract record CodecOptions
{
    /// <summary>As a cache states it.</summary>
    internal abstract string Written();

    /// <summary>For a signal of this name and width.</summary>
    internal abstract Codec For(CachedOutput signal);
}

/// <summary>Every number as it is: 4 bytes each, no error.</summary>
public sealed record Float32Options : CodecOptions
{
    internal override string Written() => "float32";
    internal override Codec For(CachedOutput signal) => new Float32Codec(signal.Width);
}

/// <summary>Half the bytes: 11 significant bits, a relative error of at most 2⁻¹¹, numbers up to 65504.</summary>
public sealed record Float16Options : CodecOptions
{
    internal override string Written() => "float16";
    internal override Codec For(CachedOutput signal) => new Float16Codec(signal.Width);
}

/// <summary>
/// The k largest logits as they are, and one number for all others, so that softmax keeps the k probabilities and spreads
/// what is left evenly over the other classes. Other signals are kept as float16.
/// </summary>
public sealed record TopKOptions : CodecOptions
{
    /// <summary>How many classes keep their own logit; fewer than there are.</summary>
    [AtLeast(1)] public int K { get; init; } = 10;

    internal override string Written() => string.Create(CultureInfo.InvariantCulture, $"top-k {K}");

    internal override Codec For(CachedOutput signal)
    {
        if (signal.Name != "logits") return new Float16Codec(signal.Width);
        return K < signal.Width ? new TopKCodec(signal.Width, K) : throw new InvalidOperationException(
            $"The codec top-k must keep fewer logits than there are classes; k is {K}, and the teacher has {signal.Width} classes.");
    }
}

/// <summary>From numbers to bytes and back, one example's signal at a time. Safe on any thread; allocates nothing on the way back.</summary>
abstract class Codec(int bytes)
{
    /// <summary>What one example takes.</summary>
    public int Bytes => bytes;

    public abstract void Encode(ReadOnlySpan<float> values, Span<byte> into);

    public abstract void Decode(ReadOnlySpan<byte> record, Span<float> into);

    /// <summary>Whether this number has a place of its own in the record.</summary>
    public virtual bool Keeps(ReadOnlySpan<byte> record, int index) => true;
}

sealed class Float32Codec(int width) : Codec(sizeof(float) * width)
{
    public override void Encode(ReadOnlySpan<float> values, Span<byte> into) => MemoryMarshal.AsBytes(values).CopyTo(into);
    public override void Decode(ReadOnlySpan<byte> record, Span<float> into) => record.CopyTo(MemoryMarshal.AsBytes(into));
}

sealed class Float16Codec(int width) : Codec(2 * width)
{
    const float Largest = 65504;

    public override void Encode(ReadOnlySpan<float> values, Span<byte> into)
    {
        var largest = TensorPrimitives.MaxMagnitude(values);
        if (MathF.Abs(largest) > Largest) throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
            $"The teacher answered {largest}, which float16 cannot hold (65504 is the largest): choose the codec float32."));
        TensorPrimitives.ConvertToHalf(values, MemoryMarshal.Cast<byte, Half>(into));
    }

    public override void Decode(ReadOnlySpan<byte> record, Span<float> into) =>
        TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(record), into);
}

/// <summary>A record: the level of the tail, k logits from the largest down (float32), k class numbers (2 or 4 bytes).</summary>
sealed class TopKCodec(int width, int k) : Codec(4 + k * (4 + NumberBytes(width)))
{
    public override void Encode(ReadOnlySpan<float> values, Span<byte> into)
    {
        var logits = MemoryMarshal.Cast<byte, float>(into[..(4 + 4 * k)])[1..];
        Span<int> classes = k <= 256 ? stackalloc int[k] : new int[k];
        var found = 0;
        for (var c = 0; c < width; c++)
        {
            if (found == k && !(values[c] > logits[k - 1])) continue;          // of equals the lower class stays
            var at = found < k ? found++ : k - 1;
            for (; at > 0 && values[c] > logits[at - 1]; at--) (logits[at], classes[at]) = (logits[at - 1], classes[at - 1]);
            (logits[at], classes[at]) = (values[c], c);
        }
        for (var i = 0; i < k; i++) PutClass(into, i, classes[i]);
        MemoryMarshal.Write(into, Level(values, classes));
    }

    public override void Decode(ReadOnlySpan<byte> record, Span<float> into)
    {
        var numbers = MemoryMarshal.Cast<byte, float>(record[..(4 + 4 * k)]);
        into.Fill(numbers[0]);
        for (var i = 0; i < k; i++) into[Class(record, i)] = numbers[1 + i];
    }

    public override bool Keeps(ReadOnlySpan<byte> record, int index)
    {
        for (var i = 0; i < k; i++)
            if (Class(record, i) == index) return true;
        return false;
    }

    /// <summary>log(Σ exp(l) / (C − k)) over the classes that are not kept: their sum under softmax stays what it was.</summary>
    float Level(ReadOnlySpan<float> values, ReadOnlySpan<int> classes)
    {
        var kept = new bool[width];
        foreach (var one in classes) kept[one] = true;
        var (largest, sum) = (double.NegativeInfinity, 0.0);
        for (var c = 0; c < width; c++)
            if (!kept[c]) largest = Math.Max(largest, values[c]);
        for (var c = 0; c < width; c++)
            if (!kept[c]) sum += Math.Exp(values[c] - largest);
        return (float)(largest + Math.Log(sum / (width - k)));
    }

    int Class(ReadOnlySpan<byte> record, int i) => NumberBytes(width) == 2
        ? MemoryMarshal.Cast<byte, ushort>(record[(4 + 4 * k)..])[i]
        : MemoryMarshal.Cast<byte, int>(record[(4 + 4 * k)..])[i];

    void PutClass(Span<byte> record, int i, int value)
    {
        if (NumberBytes(width) == 2) MemoryMarshal.Cast<byte, ushort>(record[(4 + 4 * k)..])[i] = (ushort)value;
        else MemoryMarshal.Cast<byte, int>(record[(4 + 4 * k)..])[i] = value;
    }

    static int NumberBytes(int width) => width <= 1 << 16 ? 2 : 4;
}
