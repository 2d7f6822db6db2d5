using System.Text.Json.Serialization;

namespace Retort.Contracts;

/// <summary>Element types of inputs.</summary>
[JsonConverter(typeof(EnumNameConverter<TensorType>))]
public enum TensorType
{
    /// <summary>32-bit floating point: pixels, features, samples.</summary>
    [JsonStringEnumMemberName("float32")] Float32,

    /// <summary>64-bit integers: token ids, masks.</summary>
    [JsonStringEnumMemberName("int64")] Int64,

    /// <summary>True or false.</summary>
    [JsonStringEnumMemberName("bool")] Bool,
}
