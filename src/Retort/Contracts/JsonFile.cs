using System.Text;
using System.Text.Json;

namespace Retort.Contracts;

/// <summary>Reads the JSON files of runs. Every error is one sentence that names the file.</summary>
static class JsonFile
{
    // bytes; a results.json with the pixels of 24 images has 1 % of it
    const long MaxLength = 256_000_000;

    static readonly JsonSerializerOptions Format = new(Json.Indented)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        MaxDepth = 64,
    };

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file; it exists.</param>
    /// <param name="what">What it should describe: a run, a network.</param>
    public static T Read<T>(string path, string what) where T : class
    {
        if (new FileInfo(path).Length is > MaxLength and var length) throw new InvalidDataException(
            Invariant($"{path} has {length} bytes; what describes {what} has at most {MaxLength}."));
        return Parse<T>(File.ReadAllBytes(path), path, what);
    }

    /// <summary>Reads a file of one record a line.</summary>
    public static IReadOnlyList<T> ReadLines<T>(string path, string what) where T : class
    {
        var records = new List<T>();
        foreach (var line in File.ReadLines(path))
        {
            var source = Invariant($"{path}, line {records.Count + 1}");
            records.Add(Parse<T>(Encoding.UTF8.GetBytes(line), source, what));
        }
        return records;
    }

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
