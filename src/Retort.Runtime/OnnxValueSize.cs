namespace Retort.Runtime;

/// <summary>Shape and bytes of one value of a graph.</summary>
readonly record struct OnnxValueSize(IReadOnlyList<long> Shape, long Bytes)
{
    public long ElementCount => Shape.Aggregate(1L, (product, size) => product * size);

    public static OnnxValueSize Of(IReadOnlyList<long> shape, Type element) =>
        new(shape, shape.Aggregate(BytesOf(element), (product, size) => product * size));

    /// <summary>The bytes as a double, which does not overflow.</summary>
    public static double EstimateBytes(IReadOnlyList<long> shape, Type element) =>
        shape.Aggregate((double)BytesOf(element), (product, size) => product * size);

    /// <summary>Bytes of one number.</summary>
    public static long BytesOf(Type element)
    {
        if (element == typeof(long) || element == typeof(double)) return 8;
        if (element == typeof(float) || element == typeof(int)) return 4;
        return element == typeof(Half) ? 2 : 1;
    }
}
