namespace Retort.Training;

/// <summary>The state of a procedure's loop, apart from its tensors.</summary>
sealed record LoopState
{
    /// <summary>The hash of the checkpoint's recipe.</summary>
    public required string RecipeHash { get; init; }

    /// <summary>Intra-op threads.</summary>
    public required int Threads { get; init; }

    /// <summary>Steps done.</summary>
    public required long Step { get; init; }
}
