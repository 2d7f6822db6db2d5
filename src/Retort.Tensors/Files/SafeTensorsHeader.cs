using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Retort.Tensors.Files;

/// <summary>The header of a safetensors file, checked against itself and against the length of the file.</summary>
sealed class SafeTensorsHeader
{
    /// <summary>
    /// Limit for the header, in bytes: it has about 100 for a tensor, and what is read of it takes up to six times as
    /// much memory. The format itself allows 100 MB.
    /// </summary>
    public const long MaxHeaderBytes = 16 << 20;

    /// <summary>The name in a header of the author's texts, which is no tensor's.</summary>
    public const string MetadataKey = "__metadata__";

    const int MaxShown = 300;                                               // characters of a message

    /// <summary>The element types, their names in the format, and their sizes in bytes.</summary>
    public static readonly IReadOnlyList<(ScalarType Type, string Name, int Size)> Types =
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
        var parser = new SafeTensorsHeaderText(text, (what, inner) => Invalid(path, what, inner: inner));
        var (entries, metadata) = parser.Parse();
        CheckOffsets(entries, dataBytes, path);
        if (dataBytes > maxBytes)
            throw Invalid(
                path, $"its tensors take {dataBytes} bytes; {maxBytes} are allowed", "exceeds what may be read");
        return new() { Entries = entries, Metadata = metadata, DataStart = 8 + (long)length };
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
        new($"{path} {verdict}: {(what.Length <= MaxShown ? what : what[..MaxShown] + "…").OnOneLine()}.", inner);
}
