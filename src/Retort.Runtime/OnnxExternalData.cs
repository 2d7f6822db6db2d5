namespace Retort.Runtime;

/// <summary>
/// Which other files a model's tensors lie in, read from its bytes without holding them: in the graph, in the graphs of
/// its nodes however deep, in attributes, functions and training graphs.
/// </summary>
sealed class OnnxExternalData
{
    const int Deepest = 100;                                                // messages in messages, as for whoever parses the file
    readonly Stream _file;
    readonly string _path;
    readonly List<(string Tensor, string Location)> _found = [];
    bool _zeroInKey;

    /// <summary>Kinds of messages on the way to a tensor.</summary>
    enum Kind { Model, Training, Function, Graph, Node, Attribute, Sparse, Tensor, Entry }

    OnnxExternalData(Stream file, string path) => (_file, _path) = (file, path);

    /// <summary>Tensors that lie elsewhere, each with the file it names (empty where it names none), in the order of the file.</summary>
    /// <param name="file">The model's bytes, from their beginning; can seek.</param>
    /// <param name="path">What messages call it.</param>
    /// <exception cref="InvalidDataException">These are not the bytes of a model.</exception>
    public static IReadOnlyList<(string Tensor, string Location)> Of(Stream file, string path)
    {
        var places = new OnnxExternalData(file, path);
        places.Walk(Kind.Model, file.Length, 0);
        return places._found;
    }

    /// <summary>
    /// Whether a metadata key has a zero in it. ONNX Runtime's managed part looks such a key up by its beginning, and the
    /// process ends now and then. False for bytes that are no model: ONNX Runtime says so itself.
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
        return reader._zeroInKey;
    }

    /// <summary>Numbers of the fields that lead on, as onnx.proto has them.</summary>
    static Kind? Under(Kind kind, ulong field) => (kind, field) switch
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

    /// <summary>One message up to its end; of an entry the text, of a tensor its name and place.</summary>
    (string First, string Second) Walk(Kind kind, long end, int depth)
    {
        if (depth > Deepest) throw Wrong();
        var (first, second, elsewhere, location) = ("", "", false, "");
        while (_file.Position < end)
        {
            var tag = Number(end);
            var (field, wire) = (tag >> 3, (int)(tag & 7));
            if (wire == 0)
            {
                var number = Number(end);
                elsewhere |= kind == Kind.Tensor && field == 14 && number != 0;
                continue;
            }
            var length = wire switch { 1 => 8, 5 => 4, 2 => (long)Math.Min(Number(end), long.MaxValue), _ => throw Wrong() };
            if (length > end - _file.Position) throw Wrong();
            var next = _file.Position + length;
            if (wire == 2 && Under(kind, field) is { } below)
            {
                var (key, value) = Walk(below, next, depth + 1);
                if (kind == Kind.Model && below == Kind.Entry) _zeroInKey |= key.Contains('\0', StringComparison.Ordinal);
                else if (below == Kind.Entry && key == "location") location = value;
            }
            else if (wire == 2 && (kind, field) is (Kind.Entry, 1) or (Kind.Tensor, 8)) first = Text(length);
            else if (wire == 2 && (kind, field) is (Kind.Entry, 2)) second = Text(length);
            else _file.Seek(length, SeekOrigin.Current);
        }
        if (_file.Position != end) throw Wrong();
        if (elsewhere) _found.Add((first, location));
        return (first, second);
    }

    string Text(long length)
    {
        if (length > 1 << 16) throw Wrong();
        Span<byte> bytes = length <= 256 ? stackalloc byte[(int)length] : new byte[length];
        _file.ReadExactly(bytes);
        return System.Text.Encoding.UTF8.GetString(bytes);
    }

    ulong Number(long end)
    {
        var number = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_file.Position >= end) throw Wrong();
            var next = _file.ReadByte();
            if (shift < 64) number |= (ulong)(next & 127) << shift;
            if (next < 128) return number;
        }
        throw Wrong();
    }

    InvalidDataException Wrong() => new($"{_path} is no ONNX model: its bytes are not those of such a file.");
}
