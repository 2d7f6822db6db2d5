namespace Retort.Contracts;

/// <summary>What a loss may need to know before the first step.</summary>
public sealed record MethodContext
{
    /// <summary>The task: it has the supervised loss, and refuses methods that do not fit it.</summary>
    public required LearningTask Task { get; init; }

    /// <summary>Classes and inputs.</summary>
    public required DatasetInfo Data { get; init; }

    /// <summary>N: the number of examples in the split that the network is trained on.</summary>
    public required int Examples { get; init; }

    /// <summary>B.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Steps of the whole training.</summary>
    public required int Steps { get; init; }

    /// <summary>
    /// How many augmented views of an example there are: 1 without augmentation; null where every epoch draws new ones.
    /// </summary>
    public int? Views { get; init; }

    /// <summary>Shapes of the teacher's outputs; null where the recipe has no teacher.</summary>
    public OutputShapes? Teacher { get; init; }

    /// <summary>Shapes of the student's outputs.</summary>
    public required OutputShapes Student { get; init; }
}
