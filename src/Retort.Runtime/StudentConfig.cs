using System.Security.Cryptography;
using System.Text.Json;
using Retort.Runtime.Features;
using static System.FormattableString;

namespace Retort.Runtime;

/// <summary>What a student folder's <c>config.json</c> says that a deployed student must know.</summary>
sealed class StudentConfig
{
    /// <summary>The folder's format; another one is refused.</summary>
    public const string Format = "retort-student/1";

    /// <summary>The graph's output.</summary>
    public const string Output = "logits";

    const long MostBytes = 16_000_000;
    const int MostClasses = 65536;
    readonly string _folder, _path;
    readonly Dictionary<string, string> _files = new(StringComparer.Ordinal);

    StudentConfig(string folder, string path, JsonElement root)
    {
        (_folder, _path) = (folder, path);
        var format = Text(root, "format");
        if (format != Format) throw Wrong($"the format must be \"{Format}\"; it is \"{format}\"; a newer Retort may read it");
        Classes = [.. Member(root, "classes", JsonValueKind.Array).EnumerateArray().Select(name => name.GetString() ?? throw Wrong("a class has no name"))];
        if (Classes.Count is 0 or > MostClasses) throw Wrong(Invariant($"there must be 1 to {MostClasses} classes; there are {Classes.Count}"));
        (InputName, Shape) = TheInput(Member(root, "input", JsonValueKind.Object));
        ImageSize = Shape is [var channels, var height, var width] ? new((int)channels, (int)height, (int)width) : new((int)Shape[0], 1, 1);
        Scale = InputName == "pixel_values" && root.TryGetProperty("normalization", out var normalization) && normalization.ValueKind == JsonValueKind.Object
            ? Member(normalization, "scale", JsonValueKind.Number).GetDouble() : InputName == "pixel_values" ? 255 : 1;
        if (!(Scale > 0 && double.IsFinite(Scale))) throw Wrong(Invariant($"the normalization's scale must be greater than 0; it is {Scale}"));
        foreach (var file in Member(root, "files", JsonValueKind.Object).EnumerateObject()) _files[file.Name] = Hash(file);
    }

    /// <summary>The classes' names.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary><c>pixel_values</c> or <c>features</c>.</summary>
    public string InputName { get; }

    /// <summary>[C, H, W] or [D].</summary>
    public long[] Shape { get; }

    /// <summary>The same as a size.</summary>
    public ImageSize ImageSize { get; }

    /// <summary>What stood for white in the training data's files; 1 for features.</summary>
    public double Scale { get; }

    /// <summary>Reads a folder's card.</summary>
    public static StudentConfig Read(string folder)
    {
        if (!Directory.Exists(folder)) throw new InvalidDataException($"{folder}: there is no such folder.");
        var path = Path.Combine(folder, "config.json");
        var file = new FileInfo(path);
        if (!file.Exists) throw new InvalidDataException($"{path} is missing: a student's folder, as `retort export` writes it, has one.");
        if (file.Length > MostBytes) throw new InvalidDataException(Invariant($"{path} has {file.Length} bytes; {MostBytes} at most are read."));
        try
        {
            using var document = JsonDocument.Parse(Whole(path), new() { AllowDuplicateProperties = false });
            return new(folder, path, document.RootElement);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(Invariant($"{path}, line {error.LineNumber + 1}: this is no JSON that can be read."), error);
        }
        catch (Exception error) when (error is InvalidOperationException or FormatException or OverflowException)
        {
            throw new InvalidDataException($"{path} does not describe a student: {error.Message}", error);   // a value of another kind
        }
    }

    /// <summary>A file that the card lists, whole, as it was when the folder was written.</summary>
    public byte[] Bytes(string name)
    {
        var path = Path.Combine(_folder, name);
        if (!_files.TryGetValue(name, out var hash)) throw new InvalidDataException(
            $"{_path} lists no {name}; it lists {string.Join(", ", _files.Keys.Where(file => file.EndsWith(".onnx", StringComparison.Ordinal)).Order(StringComparer.Ordinal))}.");
        if (!File.Exists(path)) throw new InvalidDataException($"{path} is missing; config.json lists it.");
        if (new FileInfo(path).Length > Array.MaxLength) throw new InvalidDataException($"{path} is too large: a graph may take 2 GB.");
        var content = Whole(path);
        Same(path, hash, SHA256.HashData(content));
        return content;
    }

    /// <summary>Holds every file that is listed against its hash.</summary>
    public void Verify()
    {
        foreach (var (name, hash) in _files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            var path = Path.Combine(_folder, name);
            if (!File.Exists(path)) throw new InvalidDataException($"{path} is missing; config.json lists it.");
            using var stream = File.OpenRead(path);
            Same(path, hash, SHA256.HashData(stream));
        }
    }

    static void Same(string path, string hash, byte[] found)
    {
        var hex = Convert.ToHexStringLower(found);
        if (hex != hash) throw new InvalidDataException($"{path} is not the file that was exported: its SHA-256 must be {hash}; it is {hex}.");
    }

    static byte[] Whole(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} cannot be read: {error.Message}", error);
        }
    }

    (string, long[]) TheInput(JsonElement input)
    {
        var name = Text(input, "name");
        if (name is not ("pixel_values" or "features")) throw Wrong($"a student takes pixel_values or features; this one takes \"{name}\"");
        long[] shape = [.. Member(input, "shape", JsonValueKind.Array).EnumerateArray().Select(axis => axis.GetInt64())];
        var product = 1m;
        foreach (var axis in shape) product *= axis is > 0 and <= int.MaxValue ? axis : throw Wrong(Invariant($"each axis of {name} must be at least 1; one is {axis}"));
        if (shape.Length != (name == "pixel_values" ? 3 : 1) || product > int.MaxValue / sizeof(float)) throw Wrong(
            $"{name} must be {(name == "pixel_values" ? "[C, H, W]" : "[D]")} of at most 2 GB; they are [{string.Join(", ", shape)}]");
        return (name, shape);
    }

    /// <summary>A name without a path, so that nothing outside the folder is meant, and 64 hexadecimal digits.</summary>
    string Hash(JsonProperty file)
    {
        if (file.Name.Length == 0 || file.Name is "." or ".." || file.Name.AsSpan().ContainsAny("/\\:")) throw Wrong($"\"{file.Name}\" is no name of a file in this folder");
        var hash = file.Value.GetString() ?? "";
        return hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower) ? hash
            : throw Wrong($"the SHA-256 of {file.Name} must be 64 hexadecimal digits; it is \"{hash}\"");
    }

    string Text(JsonElement of, string key) => Member(of, key, JsonValueKind.String).GetString()!;

    JsonElement Member(JsonElement of, string key, JsonValueKind kind)
    {
        if (of.ValueKind != JsonValueKind.Object) throw Wrong("an object is due");
        if (!of.TryGetProperty(key, out var value)) throw Wrong($"\"{key}\" is missing: this is no student that `retort export` wrote");
        return value.ValueKind == kind ? value : throw Wrong($"\"{key}\" must be {kind.ToString().ToLowerInvariant()}; it is {value.ValueKind.ToString().ToLowerInvariant()}");
    }

    InvalidDataException Wrong(string what) => new($"{_path}: {what.OnOneLine()}.");
}
