namespace Retort.Contracts;

/// <summary>
/// The shapes of a network's or teacher's outputs. They are measured on one batch, so that ONNX teachers have them too.
/// </summary>
/// <param name="shapes">By output: one shape for each layer, without the batch.</param>
public sealed class OutputShapes(IReadOnlyDictionary<OutputKey, IReadOnlyList<long[]>> shapes)
{
    /// <summary>The outputs that were read and are not available.</summary>
    internal OutputSet Missed { get; private set; }

    /// <summary>The outputs that were measured.</summary>
    public OutputSet Keys => OutputSet.Of(shapes.Keys);

    /// <summary>The shapes of an output, one for each layer, without the batch.</summary>
    public IReadOnlyList<long[]> this[OutputKey key] => Find(key)
        ?? throw new InvalidOperationException($"{key.Title} is not available; available are {Keys}.");

    /// <summary>D or C of an output with one tensor; 0 where it is not available.</summary>
    public int Width(OutputKey key) => Widths(key) is [var first, ..] ? first : 0;

    /// <summary>D or C of each layer; empty where the output is not available.</summary>
    public IReadOnlyList<int> Widths(OutputKey key) => Find(key) is not { } found ? []
        : [.. found.Select(shape => (int)(shape.Length == 2 ? shape[1] : shape[0]))];

    IReadOnlyList<long[]>? Find(OutputKey key)
    {
        if (shapes.TryGetValue(key, out var found)) return found;

        Missed |= key;
        return null;
    }
}
