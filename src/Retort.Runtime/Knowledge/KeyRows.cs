using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Retort.Runtime.Knowledge;

/// <summary>Reads and compares keys of any type.</summary>
static class KeyRows
{
    /// <summary>The product of a query and a stored key, without the scale of an int8 key.</summary>
    /// <param name="type">The key's type.</param>
    /// <param name="key">The key's bytes.</param>
    /// <param name="query">[D]</param>
    /// <param name="scratch">Room for a key in float32; unused for float32 keys. [D]</param>
    public static float Dot(KeyType type, ReadOnlySpan<byte> key, ReadOnlySpan<float> query, Span<float> scratch)
    {
        if (type == KeyType.Float32) return TensorPrimitives.Dot(MemoryMarshal.Cast<byte, float>(key), query);

        ToSingle(type, key, scratch);
        return TensorPrimitives.Dot(scratch, query);
    }

    /// <summary>A stored key in float32, without the scale of an int8 key.</summary>
    public static void ToSingle(KeyType type, ReadOnlySpan<byte> key, Span<float> into)
    {
        switch (type)
        {
            case KeyType.Float32:
                MemoryMarshal.Cast<byte, float>(key).CopyTo(into);
                break;
            case KeyType.Float16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(key), into);
                break;
            default:
                ToSingle(MemoryMarshal.Cast<byte, sbyte>(key), into);
                break;
        }
    }

    /// <summary>Stores a unit vector as a key, and returns the scale of an int8 key; 1 for other types.</summary>
    public static float Store(KeyType type, ReadOnlySpan<float> unit, Span<byte> key)
    {
        switch (type)
        {
            case KeyType.Float32:
                MemoryMarshal.AsBytes(unit).CopyTo(key);
                return 1;
            case KeyType.Float16:
                TensorPrimitives.ConvertToHalf(unit, MemoryMarshal.Cast<byte, Half>(key));
                return 1;
            default:
                return Quantize(unit, MemoryMarshal.Cast<byte, sbyte>(key));
        }
    }

    // the largest number becomes 127; the scale makes the row a unit vector again, so that storing it twice changes
    // nothing
    static float Quantize(ReadOnlySpan<float> unit, Span<sbyte> key)
    {
        var step = 127 / Math.Abs(TensorPrimitives.MaxMagnitude(unit));
        var squares = 0;
        for (var i = 0; i < unit.Length; i++)
        {
            key[i] = (sbyte)Math.Clamp(MathF.Round(unit[i] * step), -127, 127);
            squares += key[i] * key[i];
        }
        return (float)(1 / Math.Sqrt(squares));
    }

    static void ToSingle(ReadOnlySpan<sbyte> key, Span<float> into)
    {
        var at = 0;
        var size = Vector<float>.Count;
        for (; at <= key.Length - Vector<sbyte>.Count; at += Vector<sbyte>.Count)
        {
            Vector.Widen(new Vector<sbyte>(key[at..]), out var low, out var high);
            Vector.Widen(low, out var first, out var second);
            Vector.Widen(high, out var third, out var fourth);
            Vector.ConvertToSingle(first).CopyTo(into[at..]);
            Vector.ConvertToSingle(second).CopyTo(into[(at + size)..]);
            Vector.ConvertToSingle(third).CopyTo(into[(at + 2 * size)..]);
            Vector.ConvertToSingle(fourth).CopyTo(into[(at + 3 * size)..]);
        }
        for (; at < key.Length; at++) into[at] = key[at];
    }
}
