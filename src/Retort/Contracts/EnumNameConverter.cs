using System.Text.Json.Serialization;

namespace Retort.Contracts;

/// <summary>Writes an enum's values as their names in JSON, and refuses numbers and unknown names.</summary>
sealed class EnumNameConverter<T>() : JsonStringEnumConverter<T>(namingPolicy: null, allowIntegerValues: false)
    where T : struct, Enum;
