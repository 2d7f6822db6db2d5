using System.Runtime.InteropServices;

namespace Retort.Runtime;

/// <summary>A named tensor in managed memory: an input or an output of a graph, of any shape.</summary>
public sealed class NamedTensor
{
    readonly byte[] _bytes;

    internal NamedTensor(string name, Type elementType, long[] shape, byte[] bytes) =>
        (Name, ElementType, Shape, _bytes) = (name, elementType, shape, bytes);

    /// <summary>The graph's name of it.</summary>
    public string Name { get; }

    /// <summary>The type of its numbers: float, long, bool, … as in <see cref="OnnxTensorInfo.ElementType"/>.</summary>
    public Type ElementType { get; }

    /// <summary>The size of each axis.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Copies numbers into a tensor.</summary>
    /// <param name="name">The graph's name of it.</param>
    /// <param name="values">The numbers, row by row (the last axis changes fastest).</param>
    /// <param name="shape">The size of each axis, the batch first.</param>
    /// <exception cref="ArgumentException">The shape does not fit the numbers, or graphs have no such type.</exception>
    public static NamedTensor Of<T>(string name, ReadOnlySpan<T> values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        if (!OnnxModel.ElementTypes.Any(pair => pair.Type == typeof(T))) throw new ArgumentException(
            $"{name}: a graph has no inputs of {typeof(T).Name}.", nameof(values));
        var count = 1L;
        foreach (var size in shape) count = size > 0 && count <= values.Length ? Saturated(count, size) : 0;
        if (count == 0 || count != values.Length) throw new ArgumentException(
            $"{name}: the shape [{string.Join(", ", shape.ToArray())}] does not fit {values.Length} numbers.",
            nameof(shape));
        return new(name, typeof(T), shape.ToArray(), MemoryMarshal.AsBytes(values).ToArray());
    }

    /// <summary>The numbers, row by row.</summary>
    /// <exception cref="InvalidOperationException">They are of another type.</exception>
    public ReadOnlySpan<T> Values<T>() where T : unmanaged => typeof(T) == ElementType
        ? MemoryMarshal.Cast<byte, T>(_bytes)
        : throw new InvalidOperationException($"{Name} has {ElementType.Name} numbers, not {typeof(T).Name}.");

    static long Saturated(long count, long size) => size <= long.MaxValue / count ? count * size : long.MaxValue;

    /// <summary>The numbers' memory.</summary>
    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary><c>input_ids int64 [2, 7]</c>.</summary>
    public override string ToString() => new OnnxTensorInfo(Name, ElementType, Shape, []).ToString();
}
