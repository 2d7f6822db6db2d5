using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Retort.Tensors.Files;

/// <summary>The header of a safetensors file, checked against itself and against the length of the file.</summary>
sealed class SafeTensorsHeader
{
    /// <summary>The format's own limit for the header, in bytes: it keeps a wrong length from being believed.</summary>
    public const long MaxHeaderBytes = 100_000_000;

    const int MaxAxes = 64;                                                 // of a libtorch tensor
    const string MetadataKey = "__metadata__";

    static readonly (ScalarType Type, string Name, int Size)[] Types =
    [
        (ScalarType.Float64, "F64", 8),
        (ScalarType.Float32, "F32", 4),
        (ScalarType.Float16, "F16", 2),
        (ScalarType.BFloat16, "BF16", 2),
        (ScalarType.Int64, "I64", 8),
        (ScalarType.Int32, "I32", 4),
        (ScalarType.Int16, "I16", 2),
        (ScalarType.Int8, "I8", 1),
        (ScalarType.Byte, "U8", 1),
        (ScalarType.Bool, "BOOL", 1),
    ];

    /// <summary>One tensor. <c>From</c> and <c>To</c> are byte offsets from the end of the header.</summary>
    public sealed record Entry(string Name, ScalarType Type, long[] Shape, long From, long To);

    /// <summary>The tensors, in the order of their bytes.</summary>
    public required IReadOnlyList<Entry> Entries { get; init; }

    /// <summary>Free key-value pairs of the file's author.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>Offset of the first tensor's bytes in the file.</summary>
    public required long DataStart { get; init; }

    /// <summary>
    /// The bytes of a header, with its length in front, for tensors that follow in this order. It is padded with spaces
    /// so that they begin at a multiple of 8.
    /// </summary>
    public static byte[] Encode(
        IReadOnlyList<(string Name, ScalarType Type, long[] Shape)> tensors,
        IReadOnlyDictionary<string, string>? metadata)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 }) WriteMetadata(json, metadata);
            WriteEntries(json, tensors);
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
        foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    static void WriteEntries(
        Utf8JsonWriter json, IReadOnlyList<(string Name, ScalarType Type, long[] Shape)> tensors)
    {
        long offset = 0;
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, type, shape) in tensors)
        {
            if (name == MetadataKey || !names.Add(name))
                throw new ArgumentException(
                    $"A tensor cannot be written under the name '{name}': "
                    + $"it is {(name == MetadataKey ? "reserved for metadata" : "used twice")}.", nameof(tensors));
            var known = Types.FirstOrDefault(known => known.Type == type);
            if (known.Name is null)
                throw new ArgumentException(
                    $"Tensor '{name}' is {type}, which safetensors has no name for.", nameof(tensors));

            var end = checked(offset + shape.Aggregate((long)known.Size, (product, size) => checked(product * size)));
            WriteEntry(json, new(name, type, shape, offset, end), known.Name);
            offset = end;
        }
    }

    static void WriteEntry(Utf8JsonWriter json, Entry entry, string type)
    {
        json.WriteStartObject(entry.Name);
        json.WriteString("dtype", type);
        json.WriteStartArray("shape");
        foreach (var size in entry.Shape) json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(entry.From);
        json.WriteNumberValue(entry.To);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Reads a header and checks it. The position of the stream afterwards is unspecified.</summary>
    public static SafeTensorsHeader Read(Stream file, string path, long maxBytes)
    {
        var total = file.Length;
        if (total < 8) throw Invalid(path, $"it has {total} bytes, fewer than the 8 of the header's length");

        Span<byte> word = stackalloc byte[8];
        file.ReadExactly(word);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(word);
        if (length > (ulong)(total - 8))
            throw Invalid(path, $"its header would have {length} bytes, but only {total - 8} follow; "
                + "it is another kind of file, or cut short");
        if (length > MaxHeaderBytes)
            throw Invalid(path, $"its header would have {length} bytes; at most {MaxHeaderBytes} are allowed");

        var text = new byte[length];
        file.ReadExactly(text);
        var dataBytes = total - 8 - (long)length;
        var (entries, metadata) = Parse(text, path);
        CheckOffsets(entries, dataBytes, path);
        if (dataBytes > maxBytes)
            throw Invalid(
                path, $"its tensors take {dataBytes} bytes; {maxBytes} are allowed", "exceeds what may be read");
        return new() { Entries = entries, Metadata = metadata, DataStart = 8 + (long)length };
    }

    static (List<Entry> Entries, Dictionary<string, string> Metadata) Parse(byte[] text, string path)
    {
        if (text.Length == 0 || text[0] != (byte)'{') throw Invalid(path, "its header does not begin with '{'");

        try
        {
            new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(text);
            using var json = JsonDocument.Parse(text, new() { AllowDuplicateProperties = false, MaxDepth = 8 });
            var entries = new List<Entry>();
            var metadata = new Dictionary<string, string>();
            foreach (var property in json.RootElement.EnumerateObject())
            {
                if (property.Name != MetadataKey) entries.Add(ParseEntry(property, path));
                else
                    foreach (var item in property.Value.EnumerateObject())
                        metadata[item.Name] = item.Value.GetString()
                            ?? throw Invalid(path, $"its metadata '{item.Name}' is not a text");
            }
            return (entries, metadata);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or DecoderFallbackException)
        {
            throw Invalid(path, $"its header cannot be read ({error.Message.TrimEnd('.')})", inner: error);
        }
    }

    static Entry ParseEntry(JsonProperty property, string path)
    {
        var (name, value) = (property.Name, property.Value);
        if (value.ValueKind != JsonValueKind.Object)
            throw Invalid(path, $"tensor '{name}' is not described by an object");
        foreach (var member in value.EnumerateObject())
            if (member.Name is not ("dtype" or "shape" or "data_offsets"))
                throw Invalid(path, $"tensor '{name}' has an unknown entry '{member.Name}'");
        if (!value.TryGetProperty("dtype", out var type) || !value.TryGetProperty("shape", out var shape)
            || !value.TryGetProperty("data_offsets", out var offsets))
            throw Invalid(path, $"tensor '{name}' lacks dtype, shape or data_offsets");

        var known = Types.FirstOrDefault(known => known.Name == type.GetString());
        if (known.Name is null)
            throw Invalid(path, $"tensor '{name}' has type {type.GetRawText()}; "
                + $"known are {string.Join(", ", Types.Select(known => known.Name))}");
        var sizes = ParseIntegers(shape, name, "shape", path);
        if (sizes.Length > MaxAxes)
            throw Invalid(path, $"tensor '{name}' has {sizes.Length} axes; at most {MaxAxes} are read");
        var ends = ParseIntegers(offsets, name, "data_offsets", path);
        if (ends.Length != 2 || ends[0] > ends[1])
            throw Invalid(
                path, $"tensor '{name}' has data_offsets {Shape.Text(ends)}; a start and an end were expected");
        if (CountBytes(sizes, known.Size) is not { } bytes || bytes != ends[1] - ends[0])
            throw Invalid(path, $"tensor '{name}' of type {known.Name} and shape {Shape.Text(sizes)} "
                + $"does not fit its {ends[1] - ends[0]} bytes");
        return new(name, known.Type, sizes, ends[0], ends[1]);
    }

    static long[] ParseIntegers(JsonElement array, string name, string key, string path)
    {
        if (array.ValueKind != JsonValueKind.Array) throw Invalid(path, $"{key} of tensor '{name}' is not a list");

        var numbers = new long[array.GetArrayLength()];
        for (var i = 0; i < numbers.Length; i++)
            if (array[i].ValueKind != JsonValueKind.Number || !array[i].TryGetInt64(out numbers[i]) || numbers[i] < 0)
                throw Invalid(path, $"{key} of tensor '{name}' has {array[i].GetRawText()}, "
                    + "which is not a whole number of at least 0");
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

    /// <summary>Checks that the tensors fill the rest of the file without gap or overlap.</summary>
    static void CheckOffsets(List<Entry> entries, long dataBytes, string path)
    {
        entries.Sort((a, b) => (a.From, a.To).CompareTo((b.From, b.To)));
        long expected = 0;
        foreach (var entry in entries)
        {
            if (entry.To > dataBytes)
                throw Invalid(path, $"tensor '{entry.Name}' would end at byte {entry.To} of {dataBytes}; "
                    + "the file is cut short");
            if (entry.From != expected)
                throw Invalid(path, $"tensor '{entry.Name}' begins at byte {entry.From}, "
                    + $"but the one before ends at {expected}");
            expected = entry.To;
        }
        if (expected != dataBytes) throw Invalid(path, $"{dataBytes - expected} bytes follow the last tensor");
    }

    static InvalidDataException Invalid(
        string path, string what, string verdict = "is not a sound safetensors file", Exception? inner = null) =>
        new($"{path} {verdict}: {what.OnOneLine()}.", inner);
}
