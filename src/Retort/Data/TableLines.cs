using System.IO.Compression;
using System.Text;

namespace Retort.Data;

/// <summary>Splits the lines of a text file into fields.</summary>
static class TableLines
{
    const int MaxLength = 16_000_000;

    /// <summary>
    /// The fields of each line that is not blank, with its number from 1, of a file that may be packed as .gz. The next
    /// line's fields take the place of the last one's.
    /// </summary>
    public static IEnumerable<(List<string> Fields, int Number)> Read(string path, char separator)
    {
        var fields = new List<string>();
        using var file = InputFile.Open(path);
        using Stream content = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
            ? new GZipStream(file, CompressionMode.Decompress)
            : file;
        using var reader = new StreamReader(content, Encoding.UTF8);
        for (var number = 1; ReadLine(reader, path, number) is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            Split(line, separator, fields, path, number);
            yield return (fields, number);
        }
    }

    /// <summary>Reads one line; null at the end. A line of excessive length is refused.</summary>
    static string? ReadLine(StreamReader reader, string path, int number)
    {
        var text = new StringBuilder();
        while (ReadCharacter(reader, path, number) is >= 0 and var next)
        {
            if (next == '\n') return text.ToString();
            if (text.Length == MaxLength)
                throw Wrong(path, number, $"a line may have at most {MaxLength} characters; it has more");
            if (next != '\r') text.Append((char)next);
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
    }

    /// <summary>Splits a line into fields. Only with commas can a field be quoted.</summary>
    static void Split(string line, char separator, List<string> fields, string path, int number)
    {
        fields.Clear();
        if (separator != ',')
        {
            fields.AddRange(line.Split(separator));
            return;
        }

        for (var at = 0; at <= line.Length;)
        {
            if (at < line.Length && line[at] == '"')
            {
                fields.Add(ReadQuoted(line, ref at, path, number));
                continue;
            }

            var end = line.IndexOf(',', at);
            if (end < 0) end = line.Length;
            fields.Add(line[at..end].Trim());
            at = end + 1;
        }
    }

    static string ReadQuoted(string line, ref int at, string path, int number)
    {
        var text = new StringBuilder();
        for (var i = at + 1; i < line.Length; i++)
        {
            if (line[i] != '"') text.Append(line[i]);
            else if (i + 1 < line.Length && line[i + 1] == '"') text.Append(line[i++]);
            else if (i + 1 == line.Length || line[i + 1] == ',')
            {
                at = i + 2;
                return text.ToString();
            }
            else throw Wrong(path, number, $"a closing quote must be followed by a comma or the line's end");
        }
        throw Wrong(path, number, $"a quote is not closed");
    }

    /// <summary>The exception for what is wrong in a line.</summary>
    public static InvalidDataException Wrong(
        string path, int number, FormattableString what, Exception? inner = null) =>
        new(Invariant($"{path}, line {number}: {Invariant(what)}."), inner);
}
