using System.Text.Json.Serialization;

namespace Retort.Contracts;

/// <summary>How a score is written and compared.</summary>
[JsonConverter(typeof(EnumNameConverter<ScoreUnit>))]
public enum ScoreUnit
{
    /// <summary>A share from 0 to 1, shown in percent; differences are points.</summary>
    [JsonStringEnumMemberName("percent")] Percent,

    /// <summary>Nats.</summary>
    [JsonStringEnumMemberName("nats")] Nats,

    /// <summary>A number without a unit.</summary>
    [JsonStringEnumMemberName("number")] Number,
}
