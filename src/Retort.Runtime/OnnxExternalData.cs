using System.Text;

namespace Retort.Runtime;

/// <summary>
/// Finds tensors that a model keeps in other files, by walking the protobuf messages without holding them: in the
/// graph, in subgraphs at any depth, in attributes, functions and training graphs.
/// </summary>
/// <param name="file">The model's bytes, from the start, in a stream that can seek.</param>
/// <param name="path">The path that messages name.</param>
sealed class OnnxExternalData(Stream file, string path)
{
    const int MaxDepth = 100;                                               // messages in messages, as in OnnxFile
    const int MaxTextBytes = 1 << 16;

    readonly List<(string Tensor, string Location)> _found = [];
    bool _hasZeroInMetadataKey;

    /// <summary>Kinds of messages on the way to a tensor.</summary>
    enum Kind
    {
        Model,
        Training,
        Function,
        Graph,
        Node,
        Attribute,
        Sparse,
        Tensor,
        Entry,
    }

    /// <summary>Tensors in other files, each with the file it names (empty if it names none), in order.</summary>
    /// <param name="file">The model's bytes, from the start, in a stream that can seek.</param>
    /// <param name="path">The path that messages name.</param>
    /// <exception cref="InvalidDataException">These are not the bytes of a model.</exception>
    public static IReadOnlyList<(string Tensor, string Location)> Of(Stream file, string path)
    {
        var reader = new OnnxExternalData(file, path);
        reader.Walk(Kind.Model, file.Length, 0);
        return reader._found;
    }

    /// <summary>
    /// Whether a metadata key contains a zero byte. ONNX Runtime's managed code looks such a key up only up to the
    /// zero, which now and then ends the process. False for bytes that are no model: ONNX Runtime reports those itself.
    /// </summary>
    public static bool HasZeroInMetadataKey(Stream file)
    {
        var reader = new OnnxExternalData(file, "");
        try
        {
            reader.Walk(Kind.Model, file.Length, 0);
        }
        catch (InvalidDataException)
        {
            return false;
        }
        return reader._hasZeroInMetadataKey;
    }

    /// <summary>The message in a field that leads on; null for other fields. Numbers as in onnx.proto.</summary>
    static Kind? Child(Kind kind, ulong field) => (kind, field) switch
    {
        (Kind.Model, 7) => Kind.Graph,
        (Kind.Model, 14) => Kind.Entry,
        (Kind.Model, 20) => Kind.Training,
        (Kind.Model, 25) => Kind.Function,
        (Kind.Training, 1 or 2) => Kind.Graph,
        (Kind.Function, 7) => Kind.Node,
        (Kind.Function, 11) => Kind.Attribute,
        (Kind.Graph, 1) => Kind.Node,
        (Kind.Graph, 5) => Kind.Tensor,
        (Kind.Graph, 15) => Kind.Sparse,
        (Kind.Node, 5) => Kind.Attribute,
        (Kind.Attribute, 5 or 10) => Kind.Tensor,
        (Kind.Attribute, 6 or 11) => Kind.Graph,
        (Kind.Attribute, 22 or 23) => Kind.Sparse,
        (Kind.Sparse, 1 or 2) => Kind.Tensor,
        (Kind.Tensor, 13) => Kind.Entry,
        _ => null,
    };

    /// <summary>
    /// Reads one message up to its end. Returns key and value of an entry, and the name of a tensor as the first.
    /// </summary>
    (string First, string Second) Walk(Kind kind, long end, int depth)
    {
        if (depth > MaxDepth) throw NoModel();

        var first = "";
        var second = "";
        var isExternal = false;
        var location = "";
        while (file.Position < end)
        {
            var tag = ReadVarint(end);
            var field = tag >> 3;
            var wireType = (int)(tag & 7);
            if (wireType == 0)
            {
                var number = ReadVarint(end);
                isExternal |= kind == Kind.Tensor && field == 14 && number != 0;
                continue;
            }

            var length = wireType switch
            {
                1 => 8,
                5 => 4,
                2 => (long)Math.Min(ReadVarint(end), long.MaxValue),
                _ => throw NoModel(),
            };
            if (length > end - file.Position) throw NoModel();

            var next = file.Position + length;
            if (wireType == 2 && Child(kind, field) is { } child)
            {
                var (key, value) = Walk(child, next, depth + 1);
                if (kind == Kind.Model && child == Kind.Entry)
                    _hasZeroInMetadataKey |= key.Contains('\0', StringComparison.Ordinal);
                else if (child == Kind.Entry && key == "location") location = value;
            }
            else if (wireType == 2 && (kind, field) is (Kind.Entry, 1) or (Kind.Tensor, 8)) first = ReadText(length);
            else if (wireType == 2 && (kind, field) is (Kind.Entry, 2)) second = ReadText(length);
            else file.Seek(length, SeekOrigin.Current);
        }
        if (file.Position != end) throw NoModel();

        if (isExternal) _found.Add((first, location));
        return (first, second);
    }

    string ReadText(long length)
    {
        if (length > MaxTextBytes) throw NoModel();

        Span<byte> bytes = length <= 256 ? stackalloc byte[(int)length] : new byte[length];
        file.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    ulong ReadVarint(long end)
    {
        var number = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (file.Position >= end) throw NoModel();

            var next = file.ReadByte();
            if (shift < 64) number |= (ulong)(next & 127) << shift;
            if (next < 128) return number;
        }
        throw NoModel();
    }

    InvalidDataException NoModel() => new($"{path} is no ONNX model: its bytes are not those of such a file.");
}
