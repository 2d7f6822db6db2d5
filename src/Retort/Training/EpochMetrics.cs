namespace Retort.Training;

/// <summary>One line of <c>metrics.jsonl</c>: an epoch as it ended.</summary>
sealed record EpochMetrics
{
    public required int Epoch { get; init; }
    public required long Step { get; init; }

    /// <summary>Means over the epoch's steps, term by term, as the method names them; <c>total</c> is their sum.</summary>
    public required IReadOnlyDictionary<string, double> Loss { get; init; }

    /// <summary>At the epoch's last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>On validation: a fraction.</summary>
    public required double Accuracy { get; init; }

    /// <summary>On validation: nats.</summary>
    public required double Nll { get; init; }

    /// <summary>Of the epoch without the look at validation.</summary>
    public required double Seconds { get; init; }

    /// <summary>The share of those seconds that the step waited for data.</summary>
    public required double WaitShare { get; init; }
}
