using System.Text.Json.Serialization;

namespace Retort.Contracts;

/// <summary>Writes the values of an enum as names in JSON; numbers and unknown names are refused.</summary>
sealed class EnumNameConverter<T>() : JsonStringEnumConverter<T>(namingPolicy: null, allowIntegerValues: false)
    where T : struct, Enum;
