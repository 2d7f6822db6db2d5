using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Retort.Runtime.Features.Text;

/// <summary>A JSON file of a tokenizer's folder; messages begin with its path.</summary>
sealed class TokenizerFile : IDisposable
{
    readonly JsonDocument _document;

    TokenizerFile(string path, JsonDocument document) => (Path, _document) = (path, document);

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>The file's object.</summary>
    public JsonElement Root => _document.RootElement;

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It cannot be read, is too large or no JSON object.</exception>
    public static TokenizerFile Open(string path, long maxBytes)
    {
        var content = ReadUtf8(path, maxBytes);
        try
        {
            var file = new TokenizerFile(path, JsonDocument.Parse(content, new() { AllowDuplicateProperties = false }));
            file.CheckObject(file.Root, "the file");
            return file;
        }
        catch (JsonException error) when (error.LineNumber is { } line)
        {
            throw new InvalidDataException(
                Invariant($"{path}, line {line + 1}: this is no JSON that can be read."), error);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}: an object must have each key once; one is there twice.", error);
        }
        catch (InvalidOperationException error)                             // half a surrogate pair
        {
            throw new InvalidDataException($"{path}: a key is no valid Unicode.", error);
        }
    }

    /// <summary>Reads a file that must be UTF-8, without its byte-order mark.</summary>
    public static ReadOnlyMemory<byte> ReadUtf8(string path, long maxBytes)
    {
        var content = ReadAll(path, maxBytes).AsMemory();
        var mark = Encoding.UTF8.Preamble;
        if (content.Span.StartsWith(mark)) content = content[mark.Length..];
        if (Utf8.IsValid(content.Span)) return content;

        var line = content.Span[..ValidBytes(content.Span)].Count((byte)'\n') + 1;
        throw new InvalidDataException(Invariant($"{path}, line {line}: the text must be UTF-8; it is not."));
    }

    /// <summary>A member; null where it is missing or null.</summary>
    public static JsonElement? Member(JsonElement of, string key) =>
        of.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>An object; null where it is missing or null.</summary>
    public JsonElement? Object(JsonElement of, string key)
    {
        if (Member(of, key) is not { } value) return null;
        CheckObject(value, $"\"{key}\"");
        return value;
    }

    /// <summary>The members of a list; empty where it is missing or null.</summary>
    public IEnumerable<JsonElement> List(JsonElement of, string key)
    {
        if (Member(of, key) is not { } value) return [];
        return value.ValueKind == JsonValueKind.Array ? value.EnumerateArray()
            : throw Error($"\"{key}\" must be an array; it is {Name(value)}");
    }

    /// <summary>A text; null where it is missing or null.</summary>
    public string? Text(JsonElement of, string key) =>
        Member(of, key) is { } value ? TextOf(value, $"\"{key}\"") : null;

    /// <summary>A text.</summary>
    /// <param name="value">The value.</param>
    /// <param name="subject">What messages call it.</param>
    public string TextOf(JsonElement value, string subject)
    {
        if (value.ValueKind != JsonValueKind.String) throw Error($"{subject} must be a string; it is {Name(value)}");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)                                   // half a surrogate pair
        {
            throw Error($"{subject} is no valid Unicode");
        }
    }

    /// <summary>True or false; null where it is missing or null.</summary>
    public bool? Bool(JsonElement of, string key)
    {
        if (Member(of, key) is not { } value) return null;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
            : throw Error($"\"{key}\" must be true or false; it is {Name(value)}");
    }

    /// <summary>A whole number.</summary>
    public int IntOf(JsonElement value, string subject) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number
            : throw Error($"{subject} must be a whole number; it is {value.GetRawText().OnOneLine().Shortened(40)}");

    /// <summary>Checks that a value is an object.</summary>
    public void CheckObject(JsonElement value, string subject)
    {
        if (value.ValueKind != JsonValueKind.Object) throw Error($"{subject} must be an object; it is {Name(value)}");
    }

    /// <summary>An error about this file.</summary>
    public InvalidDataException Error(string problem) => new($"{Path}: {problem}.");

    /// <inheritdoc/>
    public void Dispose() => _document.Dispose();

    static string Name(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "null",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        var kind => "a " + kind.ToString().ToLowerInvariant(),
    };

    static byte[] ReadAll(string path, long maxBytes)
    {
        try
        {
            return InputFile.ReadAllBytes(path, maxBytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} cannot be read: {error.Message}", error);
        }
    }

    static int ValidBytes(ReadOnlySpan<byte> content)
    {
        var count = 0;
        while (Rune.DecodeFromUtf8(content[count..], out _, out var consumed) == OperationStatus.Done)
            count += consumed;
        return count;
    }
}
