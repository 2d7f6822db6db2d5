namespace Retort.Contracts;

/// <summary>One training inside a procedure.</summary>
public sealed record TrainRequest
{
    /// <summary>The name of the stage and of its folder: <c>generation-0</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Builds the loss.</summary>
    public required Func<MethodContext, DistillationLoss> Method { get; init; }

    /// <summary>
    /// The teacher of the loss: the recipe's teacher, or a network trained before. Null for a loss that needs none.
    /// </summary>
    public ITeacher? Teacher { get; init; }

    /// <summary>The network; the recipe's student unless given.</summary>
    public ModelOptions? Model { get; init; }

    /// <summary>Initial weights by name; drawn from the seed unless given.</summary>
    public IReadOnlyDictionary<string, Tensor>? InitialWeights { get; init; }

    /// <summary>The training split; the context's unless given.</summary>
    public IDataSplit? Data { get; init; }

    /// <summary>Steps; the recipe's unless given.</summary>
    public long? Steps { get; init; }
}
