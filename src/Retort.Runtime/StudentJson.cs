using System.Text.Json;

namespace Retort.Runtime;

/// <summary>Reads values of a student's <c>config.json</c>; messages begin with the file's path.</summary>
/// <param name="path">The file.</param>
sealed class StudentJson(string path)
{
    const int MaxTensors = 256;
    const int MaxAxes = 8;

    static readonly (string Name, Type Type)[] s_types =
        [("float32", typeof(float)), ("int64", typeof(long)), ("bool", typeof(bool))];

    /// <summary>A text.</summary>
    public string Text(JsonElement of, string key) => Member(of, key, JsonValueKind.String).GetString()!;

    /// <summary>A value that must be there and of this kind.</summary>
    public JsonElement Member(JsonElement of, string key, JsonValueKind kind)
    {
        if (of.ValueKind != JsonValueKind.Object) throw Error("an object was expected");
        if (!of.TryGetProperty(key, out var value))
            throw Error($"\"{key}\" is missing: this is no student that `retort export` wrote");
        return value.ValueKind == kind ? value
            : throw Error($"\"{key}\" must be {Name(kind)}; it is {Name(value.ValueKind)}");
    }

    /// <summary>A list of inputs or outputs. The file lists their axes without the batch, which is added.</summary>
    public List<OnnxTensorInfo> Tensors(JsonElement root, string key)
    {
        var list = Member(root, key, JsonValueKind.Array);
        if (list.GetArrayLength() is 0 or > MaxTensors)
            throw Error(Invariant($"\"{key}\" must have 1 to {MaxTensors} entries; it has {list.GetArrayLength()}"));
        return [.. list.EnumerateArray().Select(Tensor)];
    }

    /// <summary>The scale of an input's normalization; 255 where it has none.</summary>
    public double Scale(JsonElement input)
    {
        if (!input.TryGetProperty("normalization", out var normalization)
            || normalization.ValueKind == JsonValueKind.Null) return 255;

        var scale = Member(normalization, "scale", JsonValueKind.Number).GetDouble();
        return scale > 0 && double.IsFinite(scale) ? scale
            : throw Error(Invariant($"the normalization's scale must be greater than 0; it is {scale}"));
    }

    /// <summary>The SHA-256 of a file in this folder: the name without a path, the hash with 64 digits.</summary>
    public string Hash(JsonProperty file)
    {
        if (file.Name.Length == 0 || file.Name is "." or ".." || file.Name.AsSpan().ContainsAny("/\\:"))
            throw Error($"\"{file.Name}\" is no name of a file in this folder");
        var hash = file.Value.GetString() ?? "";
        return hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower) ? hash
            : throw Error($"the SHA-256 of {file.Name} must be 64 hexadecimal digits; it is \"{hash}\"");
    }

    static string Name(JsonValueKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>An error about this file.</summary>
    public InvalidDataException Error(string what) => new($"{path}: {what.OnOneLine()}.");

    OnnxTensorInfo Tensor(JsonElement tensor)
    {
        var (name, type) = (Text(tensor, "name"), Text(tensor, "type"));
        var element = s_types.FirstOrDefault(known => known.Name == type).Type
            ?? throw Error($"the type of {name} must be float32, int64 or bool; it is \"{type}\"");
        var (shape, axes) = (new List<long> { -1 }, new List<string> { "batch" });
        foreach (var axis in Member(tensor, "axes", JsonValueKind.Array).EnumerateArray())
        {
            axes.Add(Text(axis, "name"));
            shape.Add(Size(name, axis));
        }
        if (shape.Count > MaxAxes) throw Error(Invariant($"{name} must have at most {MaxAxes - 1} axes"));
        var count = shape.Aggregate(1m, (product, size) => product * Math.Abs(size));
        return count <= int.MaxValue / sizeof(float) ? new(name, element, shape, axes)
            : throw Error($"one example's {name} must take at most 2 GB; it is [{string.Join(", ", shape.Skip(1))}]");
    }

    // null where it varies
    long Size(string name, JsonElement axis)
    {
        if (!axis.TryGetProperty("size", out var size) || size.ValueKind == JsonValueKind.Null) return -1;
        return size.GetInt64() is > 0 and <= int.MaxValue and var length ? length
            : throw Error(Invariant($"each axis of {name} must be at least 1; one is {size.GetInt64()}"));
    }
}
