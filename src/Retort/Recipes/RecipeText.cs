using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Retort.Recipes;

/// <summary>A recipe's text as a tree, and the line of each part of it.</summary>
sealed class RecipeText
{
    const int MaxDepth = 32;
    const int MaxBytes = 1 << 20;

    static readonly JsonReaderOptions Format = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        MaxDepth = MaxDepth + 8,
    };

    readonly Dictionary<string, string> _origins = [];
    readonly string _name;
    readonly byte[] _utf8;
    (long Position, int Line) _counted = (0, 1);

    RecipeText(string name, byte[] utf8) => (_name, _utf8) = (name, utf8);

    /// <summary>The root.</summary>
    public JsonNode Tree { get; private set; } = new JsonObject();

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is missing, too long, or not JSON.</exception>
    public static RecipeText Read(string path)
    {
        if (!File.Exists(path) && !Directory.Exists(path))
            throw new InvalidDataException($"{path}: there is no such file{Hint(path)}");
        return Parse(path, InputFile.ReadAllBytes(path, MaxBytes));
    }

    /// <summary>Reads text; messages call it by this name.</summary>
    /// <exception cref="InvalidDataException">It is not JSON; the message has the line.</exception>
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
        catch (JsonException error)
        {
            var reason = text.EndsEarly() ? "the text ends in the middle" : Reason(error);
            throw text.Error((int)(error.LineNumber ?? 0) + 1, $"this is not JSON; {reason}.");
        }
        return text;
    }

    /// <summary>Notes that a part of the tree, with all inside it, is from somewhere else than the text.</summary>
    public void SetOrigin(string path, string origin)
    {
        var inside = _origins.Keys.Where(key => key.StartsWith(path + ".", StringComparison.Ordinal)).ToList();
        foreach (var key in inside) _origins.Remove(key);
        _origins[path] = origin;
    }

    /// <summary>An error in a part of the tree; the message begins with its file and line, or its setting.</summary>
    public InvalidDataException Error(string path, string message)
    {
        var known = path;
        while (!_origins.ContainsKey(known) && known.LastIndexOf('.') is >= 0 and var dot) known = known[..dot];
        var origin = _origins.GetValueOrDefault(known) ?? _origins.GetValueOrDefault("", _name);
        return new($"{origin}: {message.OnOneLine()}");
    }

    InvalidDataException Error(int line, string message) => new($"{Line(line)}: {message.OnOneLine()}");

    string Line(int line) => Invariant($"{_name}, line {line}");

    void Parse()
    {
        if (!_utf8.AsSpan().ContainsAnyExcept(" \t\r\n"u8))
            throw new InvalidDataException($"{_name} is empty; a recipe is one JSON object.");

        if (HasOnlyComments())
            throw new InvalidDataException($"{_name} has nothing but comments; a recipe is one JSON object.");

        var reader = new Utf8JsonReader(_utf8, Format);
        reader.Read();
        Tree = ReadValue(ref reader, "") ?? throw Error("", "a recipe must be an object; it is null.");
        while (reader.Read()) { }                           // throws where something follows the root
    }

    bool HasOnlyComments()
    {
        var reader = new Utf8JsonReader(_utf8, Format with { CommentHandling = JsonCommentHandling.Allow });
        while (reader.Read())
            if (reader.TokenType != JsonTokenType.Comment) return false;
        return true;
    }

    // a reader that waits for more text finds nothing wrong in one that ends too early
    bool EndsEarly()
    {
        try
        {
            var reader = new Utf8JsonReader(_utf8, isFinalBlock: false, new JsonReaderState(Format));
            while (reader.Read()) { }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    JsonNode? ReadValue(ref Utf8JsonReader reader, string path)
    {
        _origins[path] = Line(LineOf(reader.TokenStartIndex));
        var opens = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
        if (opens && reader.CurrentDepth >= MaxDepth)
            throw Error(path, Invariant(
                $"objects and lists stand inside each other deeper than {MaxDepth} levels."));

        return reader.TokenType switch
        {
            JsonTokenType.StartObject => ReadObject(ref reader, path),
            JsonTokenType.StartArray => ReadList(ref reader, path),
            JsonTokenType.Null => null,
            JsonTokenType.String => JsonValue.Create(ReadString(ref reader, path)),
            _ => JsonValue.Create(JsonElement.ParseValue(ref reader)),
        };
    }

    JsonObject ReadObject(ref Utf8JsonReader reader, string path)
    {
        var node = new JsonObject();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = ReadString(ref reader, path);
            var line = LineOf(reader.TokenStartIndex);
            var keyPath = path.Length == 0 ? key : $"{path}.{key}";
            if (node.ContainsKey(key))
                throw Error(line, $"{keyPath} is given twice; it stands already at {_origins[keyPath]}.");

            reader.Read();
            node[key] = ReadValue(ref reader, keyPath);
            _origins[keyPath] = Line(line);
        }
        return node;
    }

    JsonArray ReadList(ref Utf8JsonReader reader, string path)
    {
        var node = new JsonArray();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            node.Add(ReadValue(ref reader, Invariant($"{path}.{node.Count}")));
        return node;
    }

    string ReadString(ref Utf8JsonReader reader, string path)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)                   // half of a surrogate pair
        {
            var name = path.Length == 0 ? "the recipe" : path;
            throw Error(LineOf(reader.TokenStartIndex), $"{name} has a \\u escape that is no character.");
        }
    }

    // counts lines from the position of the last call
    int LineOf(long position)
    {
        if (position <= _counted.Position) return _counted.Line;

        var between = _utf8.AsSpan((int)_counted.Position, (int)(position - _counted.Position));
        _counted = (position, _counted.Line + between.Count((byte)'\n'));
        return _counted.Line;
    }

    // System.Text.Json gives the reason only in its message, before the place
    static string Reason(JsonException error)
    {
        var end = error.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var reason = (end < 0 ? error.Message : error.Message[..end]).TrimEnd('.');
        return reason.Replace(". Expected", ", expected", StringComparison.Ordinal)
            .Replace(". ", "; ", StringComparison.Ordinal);
    }

    static string Hint(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder)) return ".";

        var files = Directory.EnumerateFiles(folder, "*.json").Select(file => Path.GetFileName(file));
        return Spelling.To(Path.GetFileName(path), [.. files]) is { } near ? $"; did you mean \"{near}\"?" : ".";
    }
}
