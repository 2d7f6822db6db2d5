namespace Retort.Training;

/// <summary>The state of a training, apart from its tensors.</summary>
sealed record CheckpointState
{
    /// <summary>The hash of the checkpoint's recipe; a checkpoint of another recipe is refused.</summary>
    public required string RecipeHash { get; init; }

    /// <summary>Intra-op threads: another number changes the last bits.</summary>
    public required int Threads { get; init; }

    /// <summary>Steps done.</summary>
    public required long Step { get; init; }

    /// <summary>Steps done when validation was best; 0 before the first validation.</summary>
    public required long BestStep { get; init; }

    /// <summary>Validation scores at that step.</summary>
    public required IReadOnlyDictionary<string, double> BestScores { get; init; }

    /// <summary>Sums over the epoch so far, by loss term.</summary>
    public required IReadOnlyDictionary<string, double> Sums { get; init; }

    /// <summary>Steps in <see cref="Sums"/>.</summary>
    public required long SumSteps { get; init; }

    /// <summary>Seconds of the epoch so far, without validation.</summary>
    public required double Seconds { get; init; }

    /// <summary>Seconds of the epoch in which steps waited for data.</summary>
    public required double Waited { get; init; }

    /// <summary>Bytes of <c>metrics.jsonl</c>; what follows them is computed again.</summary>
    public required long MetricsLength { get; init; }
}
