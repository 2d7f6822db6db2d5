using System.Text.Json.Serialization;

namespace Retort.Contracts.Distilled;

/// <summary>What the labels of distilled samples are.</summary>
[JsonConverter(typeof(EnumNameConverter<DistilledLabels>))]
public enum DistilledLabels
{
    /// <summary>Any numbers, learned: they may be negative and need not sum to 1.</summary>
    Learned,

    /// <summary>Probabilities, the softmax of learned numbers.</summary>
    Softmax,

    /// <summary>One class each, not learned.</summary>
    Static,
}
