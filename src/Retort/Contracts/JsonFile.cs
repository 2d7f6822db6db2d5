using System.Text;
using System.Text.Json;
using Retort.Runs;
using Retort.Runtime;

namespace Retort.Contracts;

/// <summary>Reads back what a run wrote as JSON. Whatever is wrong with it is one sentence that names the file.</summary>
static class JsonFile
{
    const long Longest = 256_000_000;                                      // a results.json with 24 pictures' worth of numbers has 1 % of it

    static readonly JsonSerializerOptions Format = new(Json.Indented)
    {
        RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, AllowDuplicateProperties = false, MaxDepth = 64,
    };

    /// <summary>A whole file.</summary>
    /// <param name="path">The file; it is there.</param>
    /// <param name="what">What it should describe: a run, a network.</param>
    public static T Read<T>(string path, string what) where T : class
    {
        if (new FileInfo(path).Length is > Longest and var length) throw new InvalidDataException(
            FormattableString.Invariant($"{path} has {length} bytes; what describes {what} has at most {Longest}."));
        return Parsed<T>(File.ReadAllBytes(path), path, what);
    }

    /// <summary>A file of one record a line.</summary>
    public static IReadOnlyList<T> Lines<T>(string path, string what) where T : class
    {
        var found = new List<T>();
        foreach (var line in File.ReadLines(path))
            found.Add(Parsed<T>(Encoding.UTF8.GetBytes(line), FormattableString.Invariant($"{path}, line {found.Count + 1}"), what));
        return found;
    }

    /// <summary>A piece of a file.</summary>
    /// <param name="json">The piece.</param>
    /// <param name="source">How the message names it.</param>
    /// <param name="what">What it should describe.</param>
    public static T Parsed<T>(byte[] json, string source, string what) where T : class
    {
        try
        {
            using (var whole = JsonDocument.Parse(json, new() { AllowDuplicateProperties = false })) Check(whole.RootElement);
            return JsonSerializer.Deserialize<T>(json, Format) ?? throw new JsonException("it is null");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException or NotSupportedException or FormatException)
        {
            throw new InvalidDataException($"{source} does not describe {what}: {error.Message.OnOneLine()}", error);
        }
    }

    /// <summary>
    /// Every text is text (no half of a surrogate pair), every number one that can be written again, and no list has a null in
    /// it: the serializer looks at none of these.
    /// </summary>
    static void Check(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String) value.GetString();
        else if (value.ValueKind == JsonValueKind.Number)
        {
            if (!double.IsFinite(value.GetDouble())) throw new JsonException($"a number in it is too large: {value.GetRawText().OnOneLine()}");
        }
        else if (value.ValueKind == JsonValueKind.Object)
            foreach (var property in value.EnumerateObject()) Check(property.Value);
        else if (value.ValueKind == JsonValueKind.Array)
            foreach (var item in value.EnumerateArray())
                if (item.ValueKind == JsonValueKind.Null) throw new JsonException("a list in it has null where a value must stand.");
                else Check(item);
    }
}
