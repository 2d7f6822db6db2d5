using System.Text;
using System.Text.Json;

namespace Retort.Tensors.Files;

/// <summary>
/// Parses the JSON of a safetensors header, token by token: a document of it in memory would take many times its size.
/// </summary>
/// <param name="text">The header.</param>
/// <param name="invalid">Makes the exception, from the reason and the cause.</param>
sealed class SafeTensorsHeaderText(byte[] text, Func<string, Exception?, InvalidDataException> invalid)
{
    const int MaxTensors = 100_000;                                         // and texts of the author
    const int MaxAxes = 64;                                                 // of a libtorch tensor

    readonly List<SafeTensorsHeader.Entry> _entries = [];
    readonly Dictionary<string, string> _metadata = [];

    /// <summary>The tensors in the order of the header, and the author's texts.</summary>
    public (List<SafeTensorsHeader.Entry> Entries, Dictionary<string, string> Metadata) Parse()
    {
        if (text.Length == 0 || text[0] != (byte)'{') throw invalid("its header does not begin with '{'", null);

        try
        {
            new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(text);
            ParseAll();
            return (_entries, _metadata);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or DecoderFallbackException)
        {
            throw invalid($"its header cannot be read ({error.Message.TrimEnd('.')})", error);
        }
    }

    void ParseAll()
    {
        var json = new Utf8JsonReader(text, new() { MaxDepth = 8 });
        var names = new HashSet<string>();
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString()!;
            if (!names.Add(name)) throw new JsonException($"'{name}' comes twice");
            if (names.Count > MaxTensors + 1) throw invalid($"it has more than {MaxTensors} tensors", null);

            json.Read();
            if (name == SafeTensorsHeader.MetadataKey) ParseMetadata(ref json);
            else _entries.Add(ParseEntry(ref json, name));
        }
        json.Read();                                                        // throws where something follows
    }

    void ParseMetadata(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartObject) throw new JsonException("its metadata is not an object");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = json.GetString()!;
            json.Read();
            var value = json.GetString() ?? throw invalid($"its metadata '{key}' is not a text", null);
            if (!_metadata.TryAdd(key, value)) throw new JsonException($"'{key}' comes twice");
            if (_metadata.Count > MaxTensors) throw invalid($"it has more than {MaxTensors} texts of metadata", null);
        }
    }

    SafeTensorsHeader.Entry ParseEntry(ref Utf8JsonReader json, string name)
    {
        if (json.TokenType != JsonTokenType.StartObject)
            throw invalid($"tensor '{name}' is not described by an object", null);

        string? type = null;
        List<long>? shape = null, offsets = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var member = json.GetString()!;
            json.Read();
            var twice = member switch
            {
                "dtype" => type is not null,
                "shape" => shape is not null,
                "data_offsets" => offsets is not null,
                _ => throw invalid($"tensor '{name}' has an unknown entry '{member}'", null),
            };
            if (twice) throw new JsonException($"'{member}' comes twice");

            if (member == "dtype") type = json.GetString() ?? throw new JsonException("a dtype is null");
            else if (member == "shape") shape = ParseIntegers(ref json, name, member);
            else offsets = ParseIntegers(ref json, name, member);
        }
        if (type is null || shape is null || offsets is null)
            throw invalid($"tensor '{name}' lacks dtype, shape or data_offsets", null);
        return Checked(name, type, [.. shape], [.. offsets]);
    }

    SafeTensorsHeader.Entry Checked(string name, string type, long[] shape, long[] offsets)
    {
        var known = SafeTensorsHeader.Types.FirstOrDefault(known => known.Name == type);
        if (known.Name is null)
            throw invalid($"tensor '{name}' has type \"{type}\"; "
                + $"known are {string.Join(", ", SafeTensorsHeader.Types.Select(known => known.Name))}", null);
        if (offsets.Length != 2 || offsets[0] > offsets[1])
            throw invalid(
                $"tensor '{name}' has data_offsets {Shape.Text(offsets)}; a start and an end were expected", null);
        if (CountBytes(shape, known.Size) is not { } bytes || bytes != offsets[1] - offsets[0])
            throw invalid($"tensor '{name}' of type {known.Name} and shape {Shape.Text(shape)} "
                + $"does not fit its {offsets[1] - offsets[0]} bytes", null);
        return new(name, known.Type, shape, offsets[0], offsets[1]);
    }

    List<long> ParseIntegers(ref Utf8JsonReader json, string name, string key)
    {
        if (json.TokenType != JsonTokenType.StartArray) throw invalid($"{key} of tensor '{name}' is not a list", null);

        var numbers = new List<long>();
        for (var count = 1; json.Read() && json.TokenType != JsonTokenType.EndArray; count++)
        {
            if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out var number) || number < 0)
                throw invalid($"{key} of tensor '{name}' has {Encoding.UTF8.GetString(json.ValueSpan)}, "
                    + "which is not a whole number of at least 0", null);
            if (count > MaxAxes)
                throw invalid($"{key} of tensor '{name}' has more than {MaxAxes} numbers, which is more than a tensor "
                    + "has axes", null);
            numbers.Add(number);
        }
        return numbers;
    }

    /// <summary>
    /// Bytes of a tensor; null if the product of its non-zero axes exceeds 63 bits, which libtorch computes even if
    /// another axis is 0.
    /// </summary>
    static long? CountBytes(long[] shape, int elementSize)
    {
        try
        {
            var bytes = shape.Aggregate(
                (long)elementSize, (product, size) => size == 0 ? product : checked(product * size));
            return shape.Contains(0) ? 0 : bytes;
        }
        catch (OverflowException)
        {
            return null;
        }
    }
}
