namespace Retort.Training;

/// <summary>One line of <c>metrics.jsonl</c>: an epoch's metrics.</summary>
sealed record EpochMetrics
{
    /// <summary>Epochs done.</summary>
    public required int Epoch { get; init; }

    /// <summary>Steps done.</summary>
    public required long Step { get; init; }

    /// <summary>Means over the epoch's steps, by loss term; <c>total</c> is their sum.</summary>
    public required IReadOnlyDictionary<string, double> Loss { get; init; }

    /// <summary>The learning rate of the epoch's last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Validation scores by name: the task's primary score and its tie-breaker.</summary>
    public required IReadOnlyDictionary<string, double> Validation { get; init; }

    /// <summary>Seconds of the epoch, without validation.</summary>
    public required double Seconds { get; init; }

    /// <summary>The share of those seconds in which steps waited for data.</summary>
    public required double WaitShare { get; init; }
}
