using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Retort.Contracts;

/// <summary>The format of all JSON files: camel case, indented where a person reads them.</summary>
public static class Json
{
    /// <summary>For files that people open.</summary>
    public static JsonSerializerOptions Indented { get; } = Format(indented: true);

    /// <summary>For one record a line.</summary>
    public static JsonSerializerOptions Line { get; } = Format(indented: false);

    /// <summary>For what others wrote: required values must be there, and null only where their type says so.</summary>
    internal static JsonSerializerOptions Strict { get; } = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    static JsonSerializerOptions Format(bool indented) => new(JsonSerializerDefaults.Web)
    {
        WriteIndented = indented,
        NumberHandling = JsonNumberHandling.Strict,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
