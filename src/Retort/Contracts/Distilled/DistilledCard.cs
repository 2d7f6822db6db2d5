using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Retort.Contracts.Distilled;

/// <summary><c>distilled.json</c>: what a folder of distilled samples holds and how a network learns them.</summary>
public sealed record DistilledCard
{
    /// <summary>The version of the format that this version writes.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The version of the format.</summary>
    public required int Version { get; init; }

    /// <summary>The method that made the samples: <c>sldd</c>.</summary>
    public required string Method { get; init; }

    /// <summary>Classes, input and normalization of the data that was distilled.</summary>
    public required DatasetInfo Data { get; init; }

    /// <summary>Its name.</summary>
    public required string DataName { get; init; }

    /// <summary>Its hash.</summary>
    public required string DataHash { get; init; }

    /// <summary>The options of the network that learns the samples, as in a recipe.</summary>
    public required JsonNode Network { get; init; }

    /// <summary>How the network's first weights are drawn where they are not those of the folder.</summary>
    public required FirstWeights FirstWeights { get; init; }

    /// <summary>
    /// Whether the samples are for one set of first weights, which the folder holds; otherwise for any that are drawn.
    /// </summary>
    public required bool KnownStart { get; init; }

    /// <summary>The seed of the run that made them.</summary>
    public required int Seed { get; init; }

    /// <summary>S: batches of samples, which the steps of an epoch take in turn.</summary>
    public required int Steps { get; init; }

    /// <summary>E: passes over the batches. S · E steps have a step size each.</summary>
    public required int Epochs { get; init; }

    /// <summary>M: samples in a batch.</summary>
    public required int Samples { get; init; }

    /// <summary>What the labels are.</summary>
    public required DistilledLabels Labels { get; init; }

    /// <summary>Numbers that are stored: inputs, labels and step sizes.</summary>
    public required long StoredFloats { get; init; }

    /// <summary>The nearest words of each sample, position by position; null for other data than texts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Words { get; init; }

    /// <summary>SHA-256 of each file beside this one, by name.</summary>
    public required IReadOnlyDictionary<string, string> Files { get; init; }
}
