using System.Text.Json.Serialization;

namespace Retort.Contracts;

/// <summary>What the targets of a data set are.</summary>
[JsonConverter(typeof(EnumNameConverter<TargetKind>))]
public enum TargetKind
{
    /// <summary>One class per example. [B] int64</summary>
    [JsonStringEnumMemberName("class")] Class,

    /// <summary>Any number of labels per example, each 0 or 1. [B, C] float32</summary>
    [JsonStringEnumMemberName("labels")] Labels,

    /// <summary>Numbers. [B, C] float32</summary>
    [JsonStringEnumMemberName("values")] Values,

    /// <summary>None: a policy learns from rewards, and each evaluated episode has a return.</summary>
    [JsonStringEnumMemberName("return")] Return,

    /// <summary>None.</summary>
    [JsonStringEnumMemberName("none")] None,
}
