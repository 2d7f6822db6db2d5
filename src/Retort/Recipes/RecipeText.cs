using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Runs;
using Retort.Runtime;

namespace Retort.Recipes;

/// <summary>A recipe's text as a tree, and where in the text each part of it stands.</summary>
sealed class RecipeText
{
    const int Deepest = 32;
    const int Longest = 1 << 20;

    // how the reader says that more was expected
    static readonly string[] s_ends =
    [
        "Expected depth to be zero", "Expected end of string", "Expected a value, but instead reached end",
        "Expected start of a property name or value, but instead reached end",
    ];
    readonly Dictionary<string, string> _origins = [];
    readonly string _name;
    readonly byte[] _utf8;
    (long At, int Line) _seen = (0, 1);

    RecipeText(string name, byte[] utf8) => (_name, _utf8) = (name, utf8);

    /// <summary>The root.</summary>
    public JsonNode Tree { get; private set; } = new JsonObject();

    /// <summary>Reads the file; throws <see cref="InvalidDataException"/> with file and line where it is not JSON.</summary>
    public static RecipeText Read(string path)
    {
        if (Directory.Exists(path)) throw new InvalidDataException($"{path} is a folder; a recipe is a file.");
        if (!File.Exists(path)) throw new InvalidDataException($"{path}: there is no such file{Hint(path)}");
        if (new FileInfo(path).Length is > Longest and var length)
            throw new InvalidDataException(FormattableString.Invariant($"{path} has {length} bytes; a recipe has at most {Longest}."));
        return Parse(path, File.ReadAllBytes(path));
    }

    /// <summary>The same for text at hand, under the name that messages give it.</summary>
    public static RecipeText Parse(string name, byte[] utf8)
    {
        utf8 = utf8.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? utf8[Encoding.UTF8.Preamble.Length..] : utf8;
        var text = new RecipeText(name, utf8);
        try
        {
            new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(utf8);
            text.Parse();
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidDataException($"{name} is not text in UTF-8; a recipe is.");
        }
        catch (JsonException error) when (error.Message.StartsWith("The input does not contain any JSON tokens", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{name} has nothing but comments; a recipe is one JSON object.");
        }
        catch (JsonException error)
        {
            throw text.Wrong((int)(error.LineNumber ?? 0) + 1, $"this is not JSON; {Reason(error)}.");
        }
        return text;
    }

    /// <summary>Notes that a part of the tree, and all below it, came from somewhere else than the text.</summary>
    public void ComesFrom(string path, string origin)
    {
        foreach (var below in _origins.Keys.Where(key => key.StartsWith(path + ".", StringComparison.Ordinal)).ToList()) _origins.Remove(below);
        _origins[path] = origin;
    }

    /// <summary>What is wrong with this part, after the file and line, or the setting, that it came from.</summary>
    public InvalidDataException Wrong(string path, string what)
    {
        var at = path;
        while (!_origins.ContainsKey(at) && at.LastIndexOf('.') is >= 0 and var dot) at = at[..dot];
        return new($"{_origins.GetValueOrDefault(at) ?? _origins.GetValueOrDefault("", _name)}: {what.OnOneLine()}");
    }

    InvalidDataException Wrong(int line, string what) => new($"{Line(line)}: {what.OnOneLine()}");

    string Line(int line) => FormattableString.Invariant($"{_name}, line {line}");

    void Parse()
    {
        var reader = new Utf8JsonReader(_utf8, new()
        {
            CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = Deepest + 8,
        });
        if (!_utf8.AsSpan().ContainsAnyExcept(" \t\r\n"u8)) throw new InvalidDataException($"{_name} is empty; a recipe is one JSON object.");
        reader.Read();
        Tree = Value(ref reader, "") ?? throw Wrong("", "a recipe must be an object; it is null.");
        while (reader.Read()) { }                           // what comes after the root is refused here
    }

    JsonNode? Value(ref Utf8JsonReader reader, string path)
    {
        _origins[path] = Line(LineOf(reader.TokenStartIndex));
        if (reader.CurrentDepth >= Deepest && reader.TokenType is (JsonTokenType.StartObject or JsonTokenType.StartArray))
            throw Wrong(path, FormattableString.Invariant($"objects and lists stand inside each other deeper than {Deepest} levels."));
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var made = new JsonObject();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var (key, line) = (Text(ref reader, path), LineOf(reader.TokenStartIndex));
                    var below = path.Length == 0 ? key : $"{path}.{key}";
                    if (made.ContainsKey(key)) throw Wrong(line, $"{below} is given twice; it stands already at {_origins[below]}.");
                    reader.Read();
                    made[key] = Value(ref reader, below);
                    _origins[below] = Line(line);
                }
                return made;
            case JsonTokenType.StartArray:
                var list = new JsonArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    list.Add(Value(ref reader, FormattableString.Invariant($"{path}.{list.Count}")));
                return list;
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.String:
                return JsonValue.Create(Text(ref reader, path));
            default:
                return JsonValue.Create(JsonElement.ParseValue(ref reader));
        }
    }

    string Text(ref Utf8JsonReader reader, string path)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)                   // half of a surrogate pair
        {
            throw Wrong(LineOf(reader.TokenStartIndex), $"{(path.Length == 0 ? "the recipe" : path)} has a \\u escape that is no character.");
        }
    }

    int LineOf(long at)
    {
        if (at > _seen.At) _seen = (at, _seen.Line + _utf8.AsSpan((int)_seen.At, (int)(at - _seen.At)).Count((byte)'\n'));
        return _seen.Line;
    }

    static string Reason(JsonException error)
    {
        var end = error.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var reason = (end < 0 ? error.Message : error.Message[..end]).TrimEnd('.');
        if (s_ends.Any(known => reason.StartsWith(known, StringComparison.Ordinal))) return "the text ends in the middle";
        return reason.Replace(". Expected", ", expected", StringComparison.Ordinal).Replace(". ", "; ", StringComparison.Ordinal);
    }

    static string Hint(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder)) return ".";
        var near = Spelling.To(Path.GetFileName(path), [.. Directory.EnumerateFiles(folder, "*.json").Select(file => Path.GetFileName(file))]);
        return near is null ? "." : $"; did you mean \"{near}\"?";
    }
}
