using System.Globalization;
using System.Text;
using System.Text.Json;
using Retort.Data.Parquet;

namespace Retort.Data.Text;

/// <summary>
/// Reads the examples of one file by its ending: .csv, .tsv, .jsonl and .parquet have named columns; of any other file
/// each line is a label, a blank and a text.
/// </summary>
/// <param name="path">The file; all but Parquet may be packed as .gz.</param>
/// <param name="columns">The columns. Without a label and a value the rows have none.</param>
/// <param name="budget">The memory that the texts may take.</param>
sealed class TextFile(string path, TextColumns columns, MemoryLimit budget)
{
    static readonly JsonDocumentOptions s_json = new() { MaxDepth = 32 };

    readonly Encoding _encoding = columns.Encoding == TextFileEncoding.Latin1 ? Encoding.Latin1 : TableLines.Utf8;

    bool HasTarget => (columns.Label ?? columns.Value) is not null;

    /// <summary>Whether lines of a table with too few columns are left out: GLUE's QQP has some.</summary>
    public bool SkipsBrokenLines { get; init; }

    /// <summary>How many such lines there were.</summary>
    public int Broken { get; private set; }

    /// <summary>The names of the columns of texts that were read; null where they have none.</summary>
    public IReadOnlyList<string>? TextNames { get; private set; }

    /// <summary>The examples in the order of the file.</summary>
    /// <exception cref="InvalidDataException">
    /// A column is missing, a text is empty, a label is missing, or the file is damaged.
    /// </exception>
    public List<TextRow> Read()
    {
        DataPath.FileMustExist(path);
        var rows = new List<TextRow>();
        foreach (var row in Rows())
        {
            budget.ReserveText(row.Text, path);
            if (row.Second is { } second) budget.ReserveText(second, path);
            rows.Add(row);
        }
        return rows.Count > 0 ? rows : throw new InvalidDataException($"{path} holds no example.");
    }

    /// <summary>The format that a file's ending names.</summary>
    public static string Format(string path)
    {
        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".csv" => "csv",
            ".tsv" => "tsv",
            ".jsonl" or ".ndjson" => "jsonl",
            ".parquet" => "parquet",
            _ => "lines",
        };
    }

    /// <summary>Whether a file has texts, by its ending and the names of its columns.</summary>
    public static bool HasTexts(string path, MemoryLimit budget)
    {
        switch (Format(path))
        {
            case "jsonl":
                return true;
            case "parquet":
                using (var file = new ParquetFile(path, budget))
                    return !file.Fields.Any(ParquetFile.IsBytes) && TextColumns.HasText(
                        file.Fields.Where(ParquetFile.IsText).Select(ParquetFile.NameOf));
            case "csv" or "tsv":
                return TextColumns.HasText(FirstFields(path));
            default:
                return false;
        }
    }

    /// <summary>The names of a table's columns, or of the first object's; empty of files of other kinds.</summary>
    public static IReadOnlyList<string> ColumnsOf(string path)
    {
        switch (Format(path))
        {
            case "csv" or "tsv":
                return [.. FirstFields(path).Select(name => name.Trim())];
            case "jsonl":
                var file = new TextFile(path, new(null, null, null, null), new(megabytes: 1));
                var (line, number) = TableLines.ReadLines(path, TableLines.Utf8, isJson: true)
                    .FirstOrDefault(one => !string.IsNullOrWhiteSpace(one.Line));
                if (line is null) return [];
                using (var document = file.Parse(line, number))
                    return document.RootElement.ValueKind != JsonValueKind.Object ? []
                        : [.. document.RootElement.EnumerateObject().Select(member => member.Name)];
            default:
                return [];
        }
    }

    // of a table's first line
    static string[] FirstFields(string path)
    {
        var records = Format(path) == "csv" ? TextRecords.OfCommas(path, TableLines.Utf8)
            : TextRecords.OfTabs(path, TableLines.Utf8);
        return records.FirstOrDefault().Fields ?? [];
    }

    IEnumerable<TextRow> Rows() => Format(path) switch
    {
        "csv" => OfTable(TextRecords.OfCommas(path, _encoding)),
        "tsv" => OfTable(TextRecords.OfTabs(path, _encoding)),
        "jsonl" => OfObjects(),
        "parquet" => new TextParquet(path, columns, budget).Read(names => TextNames = names),
        _ => OfLines(),
    };

    IEnumerable<TextRow> OfLines()
    {
        if ((columns.Second ?? columns.Value) is not null) throw new InvalidDataException(
            $"{path} must end in .csv, .tsv, .jsonl or .parquet to have columns for pairs and values; of another file "
            + "each line is a label and a text.");

        foreach (var (line, number) in TableLines.ReadLines(path, _encoding))
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            var text = line.Trim();
            var blank = HasTarget ? text.AsSpan().IndexOfAny(' ', '\t') : -1;
            if (HasTarget && blank < 0) throw TableLines.Wrong(path, number,
                $"the line must have a label, a blank and a text; it has no blank");
            yield return new(text[(blank + 1)..].TrimStart(), null, HasTarget ? text[..blank] : null);
        }
    }

    IEnumerable<TextRow> OfTable(IEnumerable<(string[] Fields, int Line)> records)
    {
        int[]? places = null;
        var width = 0;
        foreach (var (fields, line) in records)
        {
            if (places is null)
            {
                (places, width) = (Places(fields, line), fields.Length);
                if (columns.Header) continue;
            }
            if (fields.Length < width && SkipsBrokenLines)
            {
                Broken++;
                continue;
            }
            if (fields.Length != width) throw TableLines.Wrong(path, line,
                $"the line must have {width} columns; it has {fields.Length}");
            yield return Row(place => place < 0 ? null : fields[place], places, line);
        }
    }

    // the positions of text, second text, label and value; -1 for a column that is not read
    int[] Places(string[] first, int line)
    {
        if (columns.Header)
        {
            var names = first.Select(name => name.Trim()).ToList();
            return [.. columns.All(TextName(names)).Select(column => Place(names, column, line))];
        }
        var text = columns.Text ?? throw new InvalidDataException(
            $"{path}: the option \"text\" must give the position of the column of texts, from 1, since \"header\" is "
            + "false.");
        return [.. columns.All(text).Select(column => Position(column, first.Length, line))];
    }

    string TextName(List<string> names)
    {
        var text = columns.TextName(names, path);
        TextNames ??= columns.Second is { } second ? [text, second] : [text];
        return text;
    }

    int Place(List<string> names, (string What, string? Name) column, int line)
    {
        if (column.Name is null) return -1;

        var place = names.IndexOf(column.Name);
        var shown = string.Join(", ", names.Take(20).Select(name => name.Shortened(40)));
        return place >= 0 ? place : throw TableLines.Wrong(path, line,
            $"the {column.What} \"{column.Name}\" must be one of {names.Count} columns: {shown}");
    }

    int Position((string What, string? Name) column, int width, int line)
    {
        if (column.Name is null) return -1;

        var isPosition = int.TryParse(column.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var place)
            && place >= 1 && place <= width;
        return isPosition ? place - 1 : throw TableLines.Wrong(path, line,
            $"the {column.What} must be a position from 1 to {width}; it is \"{column.Name}\"");
    }

    TextRow Row(Func<int, string?> field, int[] places, int line) => TextFields.Row(
        [.. places.Select(field)], columns, what => TableLines.Wrong(path, line, $"{what}"));

    IEnumerable<TextRow> OfObjects()
    {
        foreach (var (line, number) in TableLines.ReadLines(path, _encoding, isJson: true))
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            using var parsed = Parse(line, number);
            var root = parsed.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw TableLines.Wrong(path, number,
                $"the line must be a JSON object; it is {root.ValueKind.ToString().ToLowerInvariant()}");
            List<string> names = [.. root.EnumerateObject().Select(member => member.Name)];
            string?[] fields = [.. columns.All(TextName(names))
                .Select(column => column.Name is null ? null : Field(root, column, number))];
            yield return TextFields.Row(fields, columns, what => TableLines.Wrong(path, number, $"{what}"));
        }
    }

    JsonDocument Parse(string line, int number)
    {
        try
        {
            return JsonDocument.Parse(line, s_json);
        }
        catch (JsonException error)
        {
            throw TableLines.Wrong(path, number,
                $"the line must be a JSON object; it is damaged at character {error.BytePositionInLine + 1}", error);
        }
    }

    string? Field(JsonElement root, (string What, string? Name) column, int number)
    {
        if (!root.TryGetProperty(column.Name!, out var value)) throw TableLines.Wrong(path, number,
            $"the {column.What} \"{column.Name}\" is missing");
        return value.ValueKind switch
        {
            JsonValueKind.String => Unescaped(value, column, number),
            JsonValueKind.Null => null,
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False 
                when column.What == columns.Names.Label || column.What == "value" =>
                value.GetRawText(),
            _ => throw TableLines.Wrong(path, number, $"the {column.What} \"{column.Name}\" must be a text; it is {
                value.ValueKind.ToString().ToLowerInvariant()}"),
        };
    }

    string Unescaped(JsonElement value, (string What, string? Name) column, int number)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException error)                        // half of a surrogate pair, as \ud800
        {
            throw TableLines.Wrong(
                path, number, $"the {column.What} \"{column.Name}\" has an escape that is no character", error);
        }
    }
}
