namespace Retort.Contracts;

/// <summary>Numbers a method may need before the first step; read from one batch, so that ONNX teachers have them too.</summary>
public sealed record MethodContext
{
    public required int Classes { get; init; }
    public required int Examples { get; init; }
    public required int Batch { get; init; }
    public required int Steps { get; init; }

    /// <summary>Null where the recipe has no teacher.</summary>
    public OutputWidths? Teacher { get; init; }

    public required OutputWidths Student { get; init; }
}

/// <summary>How wide each signal is; 0 or empty where it is not offered.</summary>
public sealed record OutputWidths(int Logits, int Embedding, IReadOnlyList<int> HiddenStates);
