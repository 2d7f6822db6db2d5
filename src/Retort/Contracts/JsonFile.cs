using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Retort.Contracts;

/// <summary>Reads the JSON files of runs. Every error is one sentence that names the file.</summary>
static class JsonFile
{
    /// <summary>
    /// The largest file in bytes. The results of a study of 370 networks have 1 % of it, and reading takes twenty times
    /// the memory.
    /// </summary>
    public const long MaxLength = 32_000_000;

    static readonly JsonSerializerOptions Format = new(Json.Indented)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        MaxDepth = 64,
    };

    /// <summary>Reads a whole file of at most <see cref="MaxLength"/> bytes as text.</summary>
    public static string ReadText(string path) => InputFile.ReadAllText(path, MaxLength);

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file; it exists.</param>
    /// <param name="what">What it should describe: a run, a network.</param>
    public static T Read<T>(string path, string what) where T : class
    {
        return Parse<T>(InputFile.ReadAllBytes(path, MaxLength), path, what);
    }

    /// <summary>Reads a file of one record a line.</summary>
    public static IReadOnlyList<T> ReadLines<T>(string path, string what) where T : class
    {
        var records = new List<T>();
        using var file = new StreamReader(InputFile.Open(path, MaxLength));
        while (file.ReadLine() is { } line)
        {
            var source = Invariant($"{path}, line {records.Count + 1}");
            records.Add(Parse<T>(Encoding.UTF8.GetBytes(line), source, what));
        }
        return records;
    }

    /// <summary>The name of a part of a recipe; null where it has none, or is something else.</summary>
    public static string? NameIn(JsonNode? part) =>
        part is JsonObject options && options["name"] is JsonValue name ? name.ToString() : null;

    /// <summary>Reads a part of a file.</summary>
    /// <param name="json">The part.</param>
    /// <param name="source">How the message names it.</param>
    /// <param name="what">What it should describe.</param>
    public static T Parse<T>(byte[] json, string source, string what) where T : class
    {
        try
        {
            using (var document = JsonDocument.Parse(json, new() { AllowDuplicateProperties = false }))
                Check(document.RootElement);
            return JsonSerializer.Deserialize<T>(json, Format) ?? throw new JsonException("it is null");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException
            or NotSupportedException or FormatException)
        {
            throw new InvalidDataException($"{source} does not describe {what}: {error.Message.OnOneLine()}", error);
        }
    }

    /// <summary>
    /// Refuses what the serializer lets pass: text with half of a surrogate pair, numbers that cannot be written again,
    /// and null in a list.
    /// </summary>
    static void Check(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                value.GetString();                                          // throws on half of a surrogate pair
                break;
            case JsonValueKind.Number when !double.IsFinite(value.GetDouble()):
                throw new JsonException($"a number in it is too large: {value.GetRawText().OnOneLine()}");
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject()) Check(property.Value);
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    if (item.ValueKind == JsonValueKind.Null)
                        throw new JsonException("a list in it has null where a value must stand.");
                    Check(item);
                }
                break;
            default:
                break;
        }
    }
}
