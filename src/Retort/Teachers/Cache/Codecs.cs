using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Retort.Teachers.Cache;

/// <summary>
/// Encodes and decodes one output of one example. Safe on any thread; decoding allocates nothing.
/// </summary>
/// <param name="bytes">Bytes of one example.</param>
abstract class Codec(int bytes)
{
    /// <summary>Bytes of one example.</summary>
    public int Bytes => bytes;

    public abstract void Encode(ReadOnlySpan<float> values, Span<byte> into);

    public abstract void Decode(ReadOnlySpan<byte> record, Span<float> into);

    /// <summary>Whether the record stores this number by itself.</summary>
    public virtual bool IsStored(ReadOnlySpan<byte> record, int index) => true;
}

sealed class Float32Codec(int width) : Codec(sizeof(float) * width)
{
    public override void Encode(ReadOnlySpan<float> values, Span<byte> into) =>
        MemoryMarshal.AsBytes(values).CopyTo(into);

    public override void Decode(ReadOnlySpan<byte> record, Span<float> into) =>
        record.CopyTo(MemoryMarshal.AsBytes(into));
}

sealed class Float16Codec(int width) : Codec(2 * width)
{
    const float Largest = 65504;

    public override void Encode(ReadOnlySpan<float> values, Span<byte> into)
    {
        var largest = TensorPrimitives.MaxMagnitude(values);
        if (MathF.Abs(largest) > Largest) throw new InvalidOperationException(Invariant(
            $"The teacher returned {largest}, which float16 cannot hold (65504 is the largest): choose the codec ")
            + "float32.");
        TensorPrimitives.ConvertToHalf(values, MemoryMarshal.Cast<byte, Half>(into));
    }

    public override void Decode(ReadOnlySpan<byte> record, Span<float> into) =>
        TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(record), into);
}

/// <summary>
/// A record: the level of the tail, k logits from the largest down (float32), k class indices (2 or 4 bytes).
/// </summary>
sealed class TopKCodec(int width, int k) : Codec(4 + k * (4 + IndexBytes(width)))
{
    public override void Encode(ReadOnlySpan<float> values, Span<byte> into)
    {
        var logits = MemoryMarshal.Cast<byte, float>(into[..(4 + 4 * k)])[1..];
        Span<int> classes = k <= 256 ? stackalloc int[k] : new int[k];
        var count = 0;
        for (var c = 0; c < width; c++)
        {
            if (count == k && !(values[c] > logits[k - 1])) continue;      // of equal logits the lower class is kept
            var at = count < k ? count++ : k - 1;
            for (; at > 0 && values[c] > logits[at - 1]; at--)
                (logits[at], classes[at]) = (logits[at - 1], classes[at - 1]);
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

    public override bool IsStored(ReadOnlySpan<byte> record, int index)
    {
        for (var i = 0; i < k; i++)
            if (Class(record, i) == index) return true;
        return false;
    }

    // log(Σ exp(l) / (C − k)) over the tail: its sum under softmax stays the same
    float Level(ReadOnlySpan<float> values, ReadOnlySpan<int> classes)
    {
        var stored = new bool[width];
        foreach (var one in classes) stored[one] = true;
        var (largest, sum) = (double.NegativeInfinity, 0.0);
        for (var c = 0; c < width; c++)
            if (!stored[c]) largest = Math.Max(largest, values[c]);
        for (var c = 0; c < width; c++)
            if (!stored[c]) sum += Math.Exp(values[c] - largest);
        return (float)(largest + Math.Log(sum / (width - k)));
    }

    int Class(ReadOnlySpan<byte> record, int i) => IndexBytes(width) == 2
        ? MemoryMarshal.Cast<byte, ushort>(record[(4 + 4 * k)..])[i]
        : MemoryMarshal.Cast<byte, int>(record[(4 + 4 * k)..])[i];

    void PutClass(Span<byte> record, int i, int value)
    {
        if (IndexBytes(width) == 2) MemoryMarshal.Cast<byte, ushort>(record[(4 + 4 * k)..])[i] = (ushort)value;
        else MemoryMarshal.Cast<byte, int>(record[(4 + 4 * k)..])[i] = value;
    }

    static int IndexBytes(int width) => width <= 1 << 16 ? 2 : 4;
}
