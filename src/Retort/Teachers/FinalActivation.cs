using System.Text.Json.Serialization;

namespace Retort.Teachers;

/// <summary>What a teacher from a file or a service applies to its logits before it returns them.</summary>
public enum FinalActivation
{
    /// <summary>Nothing: it returns logits, or log-probabilities.</summary>
    [JsonStringEnumMemberName("none")] None,

    /// <summary>Softmax: its rows sum to 1. Their logarithm is taken, which is the logits up to a constant.</summary>
    [JsonStringEnumMemberName("softmax")] Softmax,

    /// <summary>Sigmoid: its numbers are from 0 to 1. log p - log(1 - p) is taken.</summary>
    [JsonStringEnumMemberName("sigmoid")] Sigmoid,
}
