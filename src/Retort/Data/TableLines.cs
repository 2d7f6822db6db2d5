using System.Text;

namespace Retort.Data;

/// <summary>Splits the lines of a text file into fields.</summary>
static class TableLines
{
    const int MaxLength = 16_000_000;

    /// <summary>
    /// UTF-8 in which invalid bytes are an error: replaced by U+FFFD, different class names would become one.
    /// </summary>
    public static UTF8Encoding Utf8 { get; } = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// The fields of each line that is not blank, with its number from 1, of a file that may be packed as .gz. A line
    /// ends with LF, CR LF or CR. The next line's fields take the place of the last one's.
    /// </summary>
    public static IEnumerable<(List<string> Fields, int Number)> Read(string path, char separator)
    {
        var fields = new List<string>();
        foreach (var (line, number) in ReadLines(path))
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            Split(line, separator, fields, path, number);
            yield return (fields, number);
        }
    }

    /// <summary>Each line with its number from 1, of a file that may be packed as .gz.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoding">The encoding of a file without a byte order mark; UTF-8 unless given.</param>
    /// <param name="isJson">Whether the lines are JSON.</param>
    public static IEnumerable<(string Line, int Number)> ReadLines(
        string path, Encoding? encoding = null, bool isJson = false)
    {
        CheckIsText(path, isJson);
        using var content = Open(path);
        using var reader = new StreamReader(content, encoding ?? Utf8);
        var afterReturn = false;
        for (var number = 1; ReadLine(reader, path, number, ref afterReturn) is { } line; number++)
            yield return (line, number);
    }

    static Stream Open(string path)
    {
        var file = InputFile.Open(path);
        return path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
            ? Gzip.Open(file, path)
            : file;
    }

    /// <summary>Refuses a file whose first bytes are those of another format.</summary>
    static void CheckIsText(string path, bool isJson)
    {
        var head = new byte[FileKind.HeadLength];
        using var content = Open(path);
        int count;
        try
        {
            count = content.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException)                                   // reported with the line when it is read
        {
            return;
        }
        var start = head.AsSpan(0, count);
        if (FileKind.Of(start) is { } kind && !(isJson && kind == FileKind.Json)) throw new InvalidDataException(
            $"{path} must be a table as text; it is {kind}.");
        if (FileKind.UnmarkedEncoding(start) is { } encoding) throw new InvalidDataException(
            $"{path} must be text in UTF-8; it is {encoding} without a byte order mark.");
    }

    /// <summary>
    /// Reads one line; null at the end. A line of excessive length is refused. An LF after the CR that ended the last
    /// line belongs to that line.
    /// </summary>
    static string? ReadLine(StreamReader reader, string path, int number, ref bool afterReturn)
    {
        var text = new StringBuilder();
        while (ReadCharacter(reader, path, number) is >= 0 and var next)
        {
            var endsReturn = afterReturn && next == '\n';
            afterReturn = next == '\r';
            if (endsReturn) continue;
            if (next is '\n' or '\r') return text.ToString();
            if (text.Length == MaxLength)
                throw Wrong(path, number, $"a line may have at most {MaxLength} characters; it has more");
            text.Append((char)next);
        }
        return text.Length > 0 ? text.ToString() : null;
    }

    /// <summary>Reads one character; -1 at the end.</summary>
    static int ReadCharacter(StreamReader reader, string path, int number)
    {
        try
        {
            return reader.Read();
        }
        catch (InvalidDataException error)
        {
            throw Wrong(path, number, $"the file cannot be unpacked: {error.Message.TrimEnd('.')}", error);
        }
        catch (DecoderFallbackException error)
        {
            var invalid = Convert.ToHexString(error.BytesUnknown ?? []);
            throw Wrong(
                path,
                FindInvalid(path, number),
                $"the text must be UTF-8; the bytes {invalid} are not (Latin-1 and Windows-1252 must be converted)",
                error);
        }
    }

    /// <summary>The line of the first bytes that are not UTF-8: the reader decodes ahead of its line.</summary>
    static int FindInvalid(string path, int fallback)
    {
        using var content = Open(path);
        var line = new List<byte>();
        for (var number = 1; ; line.Clear(), number++)
        {
            int next;
            while ((next = content.ReadByte()) is >= 0 and not '\n' and not '\r' && line.Count < MaxLength)
                line.Add((byte)next);
            if (!IsUtf8(line)) return number;
            if (next < 0 || line.Count == MaxLength) return fallback;
            if (next == '\r' && line.Count == 0) number--;
        }

        static bool IsUtf8(List<byte> bytes) => System.Text.Unicode.Utf8.IsValid([.. bytes]);
    }

    /// <summary>Splits a line into fields without the blanks around them. Only with commas can one be quoted.</summary>
    static void Split(string line, char separator, List<string> fields, string path, int number)
    {
        fields.Clear();
        if (separator != ',')
        {
            fields.AddRange(line.Split(separator, StringSplitOptions.TrimEntries));
            return;
        }

        for (var at = 0; at <= line.Length;)
        {
            var start = at;
            while (start < line.Length && line[start] is ' ' or '\t') start++;
            if (start < line.Length && line[start] == '"')
            {
                at = start;
                fields.Add(ReadQuoted(line, ref at, isLine: true, path, number).Trim());
                continue;
            }

            var end = line.IndexOf(',', at);
            if (end < 0) end = line.Length;
            fields.Add(line[at..end].Trim());
            at = end + 1;
        }
    }

    /// <summary>
    /// Reads a quoted field, in which quotes are doubled (RFC 4180), and moves behind the comma after it.
    /// </summary>
    /// <param name="text">The line or the record.</param>
    /// <param name="at">The position of the quote that opens the field.</param>
    /// <param name="isLine">Whether the text is one line of a table, where blanks may follow the closing quote.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="number">The line's number, for messages.</param>
    public static string ReadQuoted(string text, ref int at, bool isLine, string path, int number)
    {
        var field = new StringBuilder();
        for (var i = at + 1; i < text.Length; i++)
        {
            if (text[i] != '"')
            {
                field.Append(text[i]);
                continue;
            }
            if (i + 1 < text.Length && text[i + 1] == '"')
            {
                field.Append(text[i++]);
                continue;
            }
            var next = i + 1;
            while (isLine && next < text.Length && text[next] is ' ' or '\t') next++;
            if (next < text.Length && text[next] != ',') throw Wrong(path, number,
                $"a closing quote must be followed by a comma or the line's end; quotes in a field are doubled");
            at = next + 1;
            return field.ToString();
        }
        if (isLine) throw Wrong(path, number, $"a quoted field must end on its line; one does not");
        throw Wrong(path, number, $"a quoted field must end; one does not");
    }

    /// <summary>The exception for what is wrong in a line.</summary>
    public static InvalidDataException Wrong(
        string path, int number, FormattableString what, Exception? inner = null) =>
        new(Invariant($"{path}, line {number}: {Invariant(what)}."), inner);
}
