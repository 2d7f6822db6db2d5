using System.Text;

namespace Retort.Data.Text;

/// <summary>Splits a file of texts into records: the fields of a table, as they stand there.</summary>
static class TextRecords
{
    const int MaxLength = 16_000_000;

    /// <summary>
    /// The fields of each line that is not blank, with its number from 1. Quotes are text, as in GLUE's files.
    /// </summary>
    public static IEnumerable<(string[] Fields, int Line)> OfTabs(string path, Encoding encoding)
    {
        foreach (var (line, number) in TableLines.ReadLines(path, encoding))
            if (!string.IsNullOrWhiteSpace(line)) yield return (line.Split('\t'), number);
    }

    /// <summary>
    /// The fields of each record, with the number of its first line. A quoted field may have commas, line ends, and
    /// quotes that are doubled (RFC 4180).
    /// </summary>
    public static IEnumerable<(string[] Fields, int Line)> OfCommas(string path, Encoding encoding)
    {
        var record = new StringBuilder();
        var (start, isOpen) = (0, false);
        foreach (var (line, number) in TableLines.ReadLines(path, encoding))
        {
            if (!isOpen && string.IsNullOrWhiteSpace(line)) continue;

            if (!isOpen) (start, record) = (number, record.Clear());
            else record.Append('\n');
            if (record.Length + line.Length > MaxLength) throw TableLines.Wrong(path, start,
                $"a record may have at most {MaxLength} characters; is a quote left open?");

            record.Append(line);
            if (line.AsSpan().Count('"') % 2 == 1) isOpen = !isOpen;
            if (!isOpen) yield return (Fields(record.ToString(), path, start), start);
        }
        if (isOpen) throw TableLines.Wrong(path, start, $"a quoted field must end before the file does; one does not");
    }

    static string[] Fields(string record, string path, int line)
    {
        var fields = new List<string>();
        for (var at = 0; at <= record.Length;)
        {
            if (at < record.Length && record[at] == '"')
            {
                fields.Add(TableLines.ReadQuoted(record, ref at, isLine: false, path, line));
                continue;
            }

            var end = record.IndexOf(',', at);
            if (end < 0) end = record.Length;
            fields.Add(record[at..end]);
            at = end + 1;
        }
        return [.. fields];
    }
}
