using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tensors.Files;

/// <summary>What a safetensors file says is in it: checked against itself and against the file's length.</summary>
sealed class SafeTensorsHeader
{
    const int MostAxes = 64;                                                // of a tensor of libtorch

    /// <summary>The format's own limit for the header, which keeps a wrong length from being believed.</summary>
    public const long LongestHeader = 100_000_000;

    const string MetadataKey = "__metadata__";

    static readonly (ScalarType Type, string Name, int Size)[] Types =
    [
        (ScalarType.Float64, "F64", 8), (ScalarType.Float32, "F32", 4), (ScalarType.Float16, "F16", 2), (ScalarType.BFloat16, "BF16", 2),
        (ScalarType.Int64, "I64", 8), (ScalarType.Int32, "I32", 4), (ScalarType.Int16, "I16", 2), (ScalarType.Int8, "I8", 1),
        (ScalarType.Byte, "U8", 1), (ScalarType.Bool, "BOOL", 1),
    ];

    /// <summary>One tensor: its bytes stand at <c>From</c> to <c>To</c>, counted from the end of the header.</summary>
    public sealed record Entry(string Name, ScalarType Type, long[] Shape, long From, long To);

    /// <summary>In the order of their bytes.</summary>
    public required IReadOnlyList<Entry> Entries { get; init; }

    /// <summary>Names and texts that whoever wrote it left there.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>Where the first tensor's bytes begin in the file.</summary>
    public required long Start { get; init; }

    /// <summary>The header's bytes, length included, for tensors that follow in this order; padded so that they begin at a multiple of 8.</summary>
    public static byte[] For(IReadOnlyList<(string Name, ScalarType Type, long[] Shape)> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 }) WriteMetadata(json, metadata);
            long at = 0;
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (name, type, shape) in tensors)
            {
                if (name == MetadataKey || !names.Add(name)) throw new ArgumentException($"A tensor cannot be written under the name '{name}': it is {(name == MetadataKey ? "kept for metadata" : "used twice")}.", nameof(tensors));
                var (_, known, size) = Types.FirstOrDefault(known => known.Type == type);
                if (known is null) throw new ArgumentException($"Tensor '{name}' is {type}, which safetensors has no name for.", nameof(tensors));
                var end = checked(at + shape.Aggregate((long)size, (product, d) => checked(product * d)));
                WriteEntry(json, name, known, shape, at, end);
                at = end;
            }
            json.WriteEndObject();
        }
        var padded = (text.Length + 7) / 8 * 8;
        var bytes = new byte[8 + padded];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, padded);
        text.ToArray().CopyTo(bytes, 8);
        bytes.AsSpan(8 + (int)text.Length).Fill((byte)' ');
        return bytes;
    }

    static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject(MetadataKey);
        foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal)) json.WriteString(key, value);
        json.WriteEndObject();
    }

    static void WriteEntry(Utf8JsonWriter json, string name, string type, long[] shape, long from, long to)
    {
        json.WriteStartObject(name);
        json.WriteString("dtype", type);
        json.WriteStartArray("shape");
        foreach (var d in shape) json.WriteNumberValue(d);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(from);
        json.WriteNumberValue(to);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Reads and checks; the stream then stands wherever it stands.</summary>
    public static SafeTensorsHeader Read(Stream file, string path, long budget)
    {
        var total = file.Length;
        if (total < 8) throw Wrong(path, $"it has {total} bytes, fewer than the 8 of the header's length");
        Span<byte> word = stackalloc byte[8];
        file.ReadExactly(word);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(word);
        if (length > (ulong)(total - 8)) throw Wrong(path, $"its header would have {length} bytes, but only {total - 8} follow; it is another kind of file, or cut short");
        if (length > LongestHeader) throw Wrong(path, $"its header would have {length} bytes; at most {LongestHeader} are allowed");
        var text = new byte[length];
        file.ReadExactly(text);
        var (start, data) = (8 + (long)length, total - 8 - (long)length);
        var (entries, metadata) = Parse(text, path);
        CheckPlaces(entries, data, path);
        if (data > budget) throw Wrong(path, $"its tensors take {data} bytes; {budget} are allowed", "exceeds what may be read");
        return new() { Entries = entries, Metadata = metadata, Start = start };
    }

    static (List<Entry>, Dictionary<string, string>) Parse(byte[] text, string path)
    {
        if (text.Length == 0 || text[0] != (byte)'{') throw Wrong(path, "its header does not begin with '{'");
        try
        {
            new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(text);
            using var json = JsonDocument.Parse(text, new() { AllowDuplicateProperties = false, MaxDepth = 8 });
            var (entries, metadata) = (new List<Entry>(), new Dictionary<string, string>());
            foreach (var property in json.RootElement.EnumerateObject())
            {
                if (property.Name != MetadataKey) entries.Add(ParseEntry(property, path));
                else
                    foreach (var item in property.Value.EnumerateObject())
                        metadata[item.Name] = item.Value.GetString() ?? throw Wrong(path, $"its metadata '{item.Name}' is not a text");
            }
            return (entries, metadata);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or DecoderFallbackException)
        {
            throw Wrong(path, $"its header cannot be read ({error.Message.TrimEnd('.')})", inner: error);
        }
    }

    static Entry ParseEntry(JsonProperty property, string path)
    {
        var (name, value) = (property.Name, property.Value);
        if (value.ValueKind != JsonValueKind.Object) throw Wrong(path, $"tensor '{name}' is not described by an object");
        foreach (var part in value.EnumerateObject())
            if (part.Name is not ("dtype" or "shape" or "data_offsets")) throw Wrong(path, $"tensor '{name}' has an unknown entry '{part.Name}'");
        if (!value.TryGetProperty("dtype", out var type) || !value.TryGetProperty("shape", out var shape) || !value.TryGetProperty("data_offsets", out var offsets))
            throw Wrong(path, $"tensor '{name}' lacks dtype, shape or data_offsets");
        var known = Types.FirstOrDefault(known => known.Name == type.GetString());
        if (known.Name is null) throw Wrong(path, $"tensor '{name}' has type {type.GetRawText()}; known are {string.Join(", ", Types.Select(t => t.Name))}");
        var sizes = Numbers(shape, name, "shape", path);
        if (sizes.Length > MostAxes) throw Wrong(path, $"tensor '{name}' has {sizes.Length} axes; at most {MostAxes} are read");
        var ends = Numbers(offsets, name, "data_offsets", path);
        if (ends.Length != 2 || ends[0] > ends[1]) throw Wrong(path, $"tensor '{name}' has data_offsets [{string.Join(", ", ends)}]; a start and an end were expected");
        if (Size(sizes, known.Size) is not { } bytes || bytes != ends[1] - ends[0])
            throw Wrong(path, $"tensor '{name}' of type {known.Name} and shape [{string.Join(", ", sizes)}] does not fit its {ends[1] - ends[0]} bytes");
        return new(name, known.Type, sizes, ends[0], ends[1]);
    }

    static long[] Numbers(JsonElement array, string name, string what, string path)
    {
        if (array.ValueKind != JsonValueKind.Array) throw Wrong(path, $"{what} of tensor '{name}' is not a list");
        var numbers = new long[array.GetArrayLength()];
        for (var i = 0; i < numbers.Length; i++)
            if (array[i].ValueKind != JsonValueKind.Number || !array[i].TryGetInt64(out numbers[i]) || numbers[i] < 0)
                throw Wrong(path, $"{what} of tensor '{name}' has {array[i].GetRawText()}, which is not a whole number of at least 0");
        return numbers;
    }

    /// <summary>Bytes of a tensor; null where the product of the axes that are not 0 does not fit 63 bits: the engine reckons with it also where one is.</summary>
    static long? Size(long[] shape, int element)
    {
        try
        {
            var bytes = shape.Aggregate((long)element, (product, d) => d == 0 ? product : checked(product * d));
            return shape.Contains(0) ? 0 : bytes;
        }
        catch (OverflowException) { return null; }
    }

    /// <summary>The tensors fill the rest of the file: no hole, no overlap, nothing beyond the end.</summary>
    static void CheckPlaces(List<Entry> entries, long data, string path)
    {
        entries.Sort((a, b) => (a.From, a.To).CompareTo((b.From, b.To)));
        long at = 0;
        foreach (var entry in entries)
        {
            if (entry.To > data) throw Wrong(path, $"tensor '{entry.Name}' would end at byte {entry.To} of {data}; the file is cut short");
            if (entry.From != at) throw Wrong(path, $"tensor '{entry.Name}' begins at byte {entry.From}, but the one before ends at {at}");
            at = entry.To;
        }
        if (at != data) throw Wrong(path, $"{data - at} bytes follow the last tensor");
    }

    static InvalidDataException Wrong(string path, string what, string verdict = "is not a sound safetensors file", Exception? inner = null) =>
        new($"{path} {verdict}: {what.OnOneLine()}.", inner);
}
