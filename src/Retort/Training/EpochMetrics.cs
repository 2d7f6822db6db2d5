using System.Text.Json.Serialization;

namespace Retort.Training;

/// <summary>
/// One line of <c>metrics.jsonl</c>: an epoch's metrics. A network that a procedure's own loop trained has one line
/// for the whole loop, without loss, learning rate and times: only the loop knows them.
/// </summary>
sealed record EpochMetrics
{
    /// <summary>Epochs done.</summary>
    public required int Epoch { get; init; }

    /// <summary>Steps done.</summary>
    public required long Step { get; init; }

    /// <summary>Means over the epoch's steps, by loss term; <c>total</c> is their sum.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double>? Loss { get; init; }

    /// <summary>The learning rate of the epoch's last step.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LearningRate { get; init; }

    /// <summary>Validation scores by name: the task's primary score and its tie-breaker.</summary>
    public required IReadOnlyDictionary<string, double> Validation { get; init; }

    /// <summary>Seconds of the epoch, without validation.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Seconds { get; init; }

    /// <summary>The share of those seconds in which steps waited for data.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? WaitShare { get; init; }
}
