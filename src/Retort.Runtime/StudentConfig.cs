using System.Security.Cryptography;
using System.Text.Json;
using Retort.Runtime.Features;
using static System.FormattableString;

namespace Retort.Runtime;

/// <summary>The part of a student folder's <c>config.json</c> that is needed to run the student.</summary>
sealed class StudentConfig
{
    /// <summary>The format of the folder. Another one is refused.</summary>
    public const string Format = "retort-student/1";

    /// <summary>Name of the graph's output.</summary>
    public const string Output = "logits";

    const long MaxBytes = 16_000_000;
    const int MaxClasses = 65536;

    readonly string _folder;
    readonly string _path;
    readonly Dictionary<string, string> _hashes = new(StringComparer.Ordinal);      // by file name

    StudentConfig(string folder, string path, JsonElement root)
    {
        _folder = folder;
        _path = path;
        var format = GetString(root, "format");
        if (format != Format)
            throw Invalid($"the format must be \"{Format}\"; it is \"{format}\"; a newer Retort may read it");

        Classes = [.. Get(root, "classes", JsonValueKind.Array).EnumerateArray()
            .Select(name => name.GetString() ?? throw Invalid("a class has no name"))];
        if (Classes.Count is 0 or > MaxClasses)
            throw Invalid(Invariant($"there must be 1 to {MaxClasses} classes; there are {Classes.Count}"));

        (InputName, Shape) = ParseInput(Get(root, "input", JsonValueKind.Object));
        ImageSize = Shape is [var channels, var height, var width]
            ? new((int)channels, (int)height, (int)width)
            : new((int)Shape[0], 1, 1);
        Scale = ParseScale(root);
        foreach (var file in Get(root, "files", JsonValueKind.Object).EnumerateObject())
            _hashes[file.Name] = ParseHash(file);
    }

    /// <summary>Names of the classes.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary><c>pixel_values</c> or <c>features</c>.</summary>
    public string InputName { get; }

    /// <summary>Shape of one example: [C, H, W] or [D].</summary>
    public long[] Shape { get; }

    /// <summary>The shape as an image's size; features are channels of one pixel.</summary>
    public ImageSize ImageSize { get; }

    /// <summary>The value of white in the training data; 1 for features.</summary>
    public double Scale { get; }

    /// <summary>Reads a folder's <c>config.json</c>.</summary>
    /// <exception cref="InvalidDataException">It is missing, or it describes no student.</exception>
    public static StudentConfig Read(string folder)
    {
        if (!Directory.Exists(folder)) throw new InvalidDataException($"{folder}: there is no such folder.");
        var path = Path.Combine(folder, "config.json");
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new InvalidDataException(
                $"{path} is missing: a student's folder, as `retort export` writes it, has one.");
        if (file.Length > MaxBytes)
            throw new InvalidDataException(
                Invariant($"{path} has {file.Length} bytes; {MaxBytes} at most are read."));

        try
        {
            using var document = JsonDocument.Parse(ReadAllBytes(path), new() { AllowDuplicateProperties = false });
            return new(folder, path, document.RootElement);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                Invariant($"{path}, line {error.LineNumber + 1}: this is no JSON that can be read."), error);
        }
        catch (Exception error) when (                                      // a value of another kind
            error is InvalidOperationException or FormatException or OverflowException)
        {
            throw new InvalidDataException($"{path} does not describe a student: {error.Message}", error);
        }
    }

    /// <summary>Reads a listed file and compares it with its hash.</summary>
    /// <exception cref="InvalidDataException">It is missing, not listed, or has changed.</exception>
    public byte[] ReadFile(string name)
    {
        if (!_hashes.TryGetValue(name, out var hash))
        {
            var graphs = _hashes.Keys.Where(file => file.EndsWith(".onnx", StringComparison.Ordinal));
            throw new InvalidDataException(
                $"{_path} lists no {name}; it lists {string.Join(", ", graphs.Order(StringComparer.Ordinal))}.");
        }

        var path = Path.Combine(_folder, name);
        if (!File.Exists(path)) throw MissingFile(path);
        if (new FileInfo(path).Length > Array.MaxLength)
            throw new InvalidDataException($"{path} is too large: a graph may take 2 GB.");
        var content = ReadAllBytes(path);
        CheckHash(path, hash, SHA256.HashData(content));
        return content;
    }

    /// <summary>Compares every listed file with its hash.</summary>
    /// <exception cref="InvalidDataException">Names the first file that is missing or has changed.</exception>
    public void Verify()
    {
        foreach (var (name, hash) in _hashes.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            var path = Path.Combine(_folder, name);
            if (!File.Exists(path)) throw MissingFile(path);
            using var stream = File.OpenRead(path);
            CheckHash(path, hash, SHA256.HashData(stream));
        }
    }

    static void CheckHash(string path, string expected, byte[] digest)
    {
        var actual = Convert.ToHexStringLower(digest);
        if (actual != expected)
            throw new InvalidDataException(
                $"{path} is not the file that was exported: its SHA-256 must be {expected}; it is {actual}.");
    }

    static byte[] ReadAllBytes(string path)
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

    (string Name, long[] Shape) ParseInput(JsonElement input)
    {
        var name = GetString(input, "name");
        if (name is not ("pixel_values" or "features"))
            throw Invalid($"a student takes pixel_values or features; this one takes \"{name}\"");

        var axes = Get(input, "shape", JsonValueKind.Array).EnumerateArray();
        long[] shape = [.. axes.Select(axis => axis.GetInt64())];
        var product = 1m;
        foreach (var axis in shape)
        {
            if (axis is < 1 or > int.MaxValue)
                throw Invalid(Invariant($"each axis of {name} must be at least 1; one is {axis}"));
            product *= axis;
        }
        if (shape.Length != (name == "pixel_values" ? 3 : 1) || product > int.MaxValue / sizeof(float))
            throw Invalid($"{name} must be {(name == "pixel_values" ? "[C, H, W]" : "[D]")} of at most 2 GB; "
                + $"they are [{string.Join(", ", shape)}]");
        return (name, shape);
    }

    double ParseScale(JsonElement root)
    {
        if (InputName != "pixel_values") return 1;
        if (!root.TryGetProperty("normalization", out var normalization)
            || normalization.ValueKind != JsonValueKind.Object) return 255;

        var scale = Get(normalization, "scale", JsonValueKind.Number).GetDouble();
        return scale > 0 && double.IsFinite(scale) ? scale : throw Invalid(
            Invariant($"the normalization's scale must be greater than 0; it is {scale}"));
    }

    /// <summary>
    /// Checks that a file name has no path, so that nothing outside the folder is read, and a hash's form.
    /// </summary>
    string ParseHash(JsonProperty file)
    {
        var isName = file.Name.Length > 0 && file.Name is not ("." or "..")
            && !file.Name.AsSpan().ContainsAny("/\\:");
        if (!isName) throw Invalid($"\"{file.Name}\" is no name of a file in this folder");

        var hash = file.Value.GetString() ?? "";
        return hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower) ? hash : throw Invalid(
            $"the SHA-256 of {file.Name} must be 64 hexadecimal digits; it is \"{hash}\"");
    }

    string GetString(JsonElement parent, string key) => Get(parent, key, JsonValueKind.String).GetString()!;

    JsonElement Get(JsonElement parent, string key, JsonValueKind kind)
    {
        if (parent.ValueKind != JsonValueKind.Object) throw Invalid($"\"{key}\" must be in an object");
        if (!parent.TryGetProperty(key, out var value))
            throw Invalid($"\"{key}\" is missing: this is no student that `retort export` wrote");
        return value.ValueKind == kind ? value : throw Invalid(
            $"\"{key}\" must be {Text(kind)}; it is {Text(value.ValueKind)}");

        static string Text(JsonValueKind kind) => kind.ToString().ToLowerInvariant();
    }

    static InvalidDataException MissingFile(string path) => new($"{path} is missing; config.json lists it.");

    InvalidDataException Invalid(string what) => new($"{_path}: {what.OnOneLine()}.");
}
