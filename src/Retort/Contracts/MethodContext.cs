namespace Retort.Contracts;

/// <summary>What a loss may need to know before the first step.</summary>
public sealed record MethodContext
{
    /// <summary>The task: its supervised loss, and what it refuses.</summary>
    public required LearningTask Task { get; init; }

    /// <summary>Classes and inputs.</summary>
    public required DatasetInfo Data { get; init; }

    /// <summary>N: examples of the split that is trained on.</summary>
    public required int Examples { get; init; }

    /// <summary>B.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Steps of the whole training.</summary>
    public required int Steps { get; init; }

    /// <summary>Shapes of the teacher's outputs; null where the recipe has no teacher.</summary>
    public OutputShapes? Teacher { get; init; }

    /// <summary>Shapes of the student's outputs.</summary>
    public required OutputShapes Student { get; init; }

    /// <summary>C: how wide the logits are.</summary>
    public int Classes => Data.Classes.Count;
}

/// <summary>The shapes of a network's or teacher's outputs, measured on one batch, so that ONNX teachers have them too.</summary>
/// <param name="shapes">By output: a shape a layer, without the batch.</param>
public sealed class OutputShapes(IReadOnlyDictionary<OutputKey, IReadOnlyList<long[]>> shapes)
{
    /// <summary>The outputs that were measured.</summary>
    public OutputSet Keys => shapes.Keys.Aggregate(OutputSet.None, (all, key) => all | key);

    /// <summary>The shapes of an output, a layer each, without the batch.</summary>
    public IReadOnlyList<long[]> this[OutputKey key] => shapes.TryGetValue(key, out var found) ? found
        : throw new InvalidOperationException($"{key.Name} is not available; available are {Keys}.");

    /// <summary>D or C of an output with one tensor; 0 where it is not available.</summary>
    public int Width(OutputKey key) => shapes.ContainsKey(key) ? Widths(key)[0] : 0;

    /// <summary>D or C of each layer; empty where the output is not available.</summary>
    public IReadOnlyList<int> Widths(OutputKey key) => !shapes.TryGetValue(key, out var found) ? []
        : [.. found.Select(shape => (int)(shape.Length == 2 ? shape[1] : shape[0]))];
}
