using System.Text;

namespace Retort.Data;

/// <summary>Recognizes files that are not what their name says, by their first bytes.</summary>
static class FileKind
{
    /// <summary>The number of bytes that <see cref="Of"/> looks at.</summary>
    public const int HeadLength = 512;

    static readonly (byte[] Start, string Name)[] s_kinds =
    [
        ([0x50, 0x4b, 0x03, 0x04], "a zip archive (an Excel workbook is one)"),
        ([0x50, 0x4b, 0x05, 0x06], "an empty zip archive"),
        ([0xd0, 0xcf, 0x11, 0xe0], "an old Excel or Office file"),
        ([0x1f, 0x8b], "packed by gzip"),
        ([0x28, 0xb5, 0x2f, 0xfd], "packed by zstd"),
        ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], "packed by xz"),
        ([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], "a 7-Zip archive"),
        ([0x04, 0x22, 0x4d, 0x18], "packed by lz4"),
        ([0x89, 0x50, 0x4e, 0x47], "a PNG image"),
        ([0xff, 0xd8, 0xff], "a JPEG image"),
        ([0x89, 0x48, 0x44, 0x46], "an HDF5 file"),
        ([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], "a NumPy array"),
        ("BZh"u8.ToArray(), "packed by bzip2"),
        ("Rar!"u8.ToArray(), "a RAR archive"),
        ("PAR1"u8.ToArray(), "a Parquet file"),
        ("ARROW1"u8.ToArray(), "an Arrow file"),
        ("ORC"u8.ToArray(), "an ORC file"),
        ("Obj\x01"u8.ToArray(), "an Avro file"),
        ("%PDF"u8.ToArray(), "a PDF document"),
        ("SQLite format 3"u8.ToArray(), "an SQLite database"),
        ("GIF8"u8.ToArray(), "a GIF image"),
        ("@relation"u8.ToArray(), "an ARFF file"),
        ("@RELATION"u8.ToArray(), "an ARFF file"),
    ];

    /// <summary>The kind of a file of JSON, which may be lines of objects.</summary>
    public const string Json = "JSON";

    /// <summary>What a file is that begins with these bytes; null where it may be text.</summary>
    public static string? Of(ReadOnlySpan<byte> head)
    {
        foreach (var (start, name) in s_kinds)
            if (head.StartsWith(start)) return name;
        if (head.Length >= 262 && head[257..262].SequenceEqual("ustar"u8)) return "a tar archive";

        var text = Encoding.Latin1.GetString(head).TrimStart('\xef', '\xbb', '\xbf', ' ', '\t', '\r', '\n');
        if (text.StartsWith("<?xml", StringComparison.OrdinalIgnoreCase)) return "XML";
        if (text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase)) return "an HTML page";
        return text.StartsWith('{') || text.StartsWith("[{", StringComparison.Ordinal) ? Json : null;
    }

    /// <summary>
    /// The name of UTF-16 or UTF-32 that has no byte order mark, by the zeros of its first characters; null of others.
    /// </summary>
    public static string? UnmarkedEncoding(ReadOnlySpan<byte> head)
    {
        if (head.Length < 4) return null;

        return (head[0], head[1], head[2], head[3]) switch
        {
            (0, 0, 0, not 0) or (not 0, 0, 0, 0) => "UTF-32",
            (0, not 0, 0, not 0) or (not 0, 0, not 0, 0) => "UTF-16",
            _ => null,
        };
    }
}
