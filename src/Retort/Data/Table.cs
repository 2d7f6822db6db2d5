using System.Globalization;
using System.IO.Compression;
using System.Text;
using Retort.Data.Images;
using static System.FormattableString;

namespace Retort.Data;

/// <summary>Reads tables of numbers, line by line, so that what is wrong is named by its line and column.</summary>
sealed class Table(TableOptions options)
{
    const int LongestLine = 16_000_000;
    readonly MemoryLimit _budget = new(options.MemoryLimit);
    string[]? _columns;                                   // names, where the table has them
    int _label = -1, _width;                              // the label's place; columns in all

    sealed record Rows(List<float[]> Numbers, List<byte[]> Pixels, List<string> Labels);

    public Examples Read()
    {
        var rows = new Rows([], [], []);
        Take(options.Path, rows);
        var first = rows.Labels.Count;
        var classes = Classes(rows.Labels);
        if (options.TestPath is { } test) Take(test, rows);
        var numbers = classes.Select((name, k) => (name, k)).ToDictionary(pair => pair.name, pair => pair.k);
        int[] labels = [.. rows.Labels.Select((label, i) => numbers.TryGetValue(label, out var k) ? k
            : throw new InvalidDataException(
                Invariant($"{options.TestPath}, example {i - first + 1} is of class \"{label}\"; the classes are those of the training table: ")
                + $"{string.Join(", ", classes.Take(20))}."))];
        var own = options.TestPath is null ? 0 : labels.Length - first;
        var name = Folder.NameOf(options.Path);
        return options.Pixels is { } shape
            ? new ImageExamples(shape.Canvas, rows.Pixels, shape.Scale) { Name = name, Classes = classes, Labels = labels, OwnTest = own }
            : new TableExamples(rows.Numbers) { Name = name, Classes = classes, Labels = labels, OwnTest = own };
    }

    void Take(string path, Rows into)
    {
        Folder.FileMustExist(path);
        var before = into.Labels.Count;
        var fields = new List<string>();
        foreach (var (line, number) in Lines(path))
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            Split(line, fields, path, number);
            if (_width == 0) Begin(fields, path, number);
            if (fields.Count != _width) throw Wrong(path, number, $"{_width} columns are due; {fields.Count} came");
            if (into.Labels.Count == before && (fields[_label] == options.Label || IsHeader(fields)))
            {
                if (_columns is not null && !fields.SequenceEqual(_columns))
                    throw Wrong(path, number, $"the columns must be named as in {options.Path}");
                _columns ??= [.. fields];
                continue;
            }
            One(fields, into, path, number);
        }
        if (into.Labels.Count == before) throw new InvalidDataException($"{path} holds no example.");
    }

    /// <summary>
    /// The numbers of a table to be asked about, line by line. It has a label's column, which is left out, only where
    /// <paramref name="labelled"/>.
    /// </summary>
    public static IEnumerable<(int Line, float[] Numbers)> Bare(TableOptions options, bool labelled, int size)
    {
        var (path, table, fields, head) = (options.Path, new Table(options), new List<string>(), true);
        Folder.FileMustExist(path);
        foreach (var (line, number) in Lines(path))
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            table.Split(line, fields, path, number);
            if (head && labelled) table.Begin(fields, path, number);
            var numbers = fields.Count - (labelled ? 1 : 0);
            if (numbers != size) throw Wrong(path, number, Invariant($"{size} numbers are due; {numbers} columns came")
                + (numbers == size + 1 ? "; where one is the class, name it with --label" : ""));
            (table._width, var first, head) = (fields.Count, head, false);
            if (first && ((labelled && fields[table._label] == options.Label) || table.IsHeader(fields))) table._columns = [.. fields];
            else yield return (number, table.Values(fields, path, number));
        }
    }

    /// <summary>Finds the label's column from the first line, which may hold names.</summary>
    void Begin(List<string> fields, string path, int number)
    {
        _width = fields.Count;
        var place = fields.IndexOf(options.Label);
        var counted = int.TryParse(options.Label, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var at);
        if (counted) place = at > 0 ? at - 1 : _width + at;
        if (place < 0 || place >= _width || (counted && at == 0))
            throw Wrong(path, number,
                $"the label's column \"{options.Label}\" is not among its {_width}: {string.Join(", ", fields.Take(20))}");
        if (_width < 2) throw Wrong(path, number, "a label and at least one number are due; there is one column");
        if (options.Pixels is { } shape && shape.Size != _width - 1)
            throw Wrong(path, number, $"{_width - 1} columns beside the label cannot be pixels of {shape.Canvas}");
        _label = place;
    }

    /// <summary>No column beside the label's holds a number; "nan" and "inf" are numbers gone wrong, not names.</summary>
    bool IsHeader(List<string> fields) => !fields.Where((_, i) => i != _label).Any(field =>
        field.Length == 0 || double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out _));

    void One(List<string> fields, Rows into, string path, int number)
    {
        _budget.Spend(options.Pixels is null ? sizeof(float) * (_width - 1L) : _width - 1, path);
        var values = Values(fields, path, number);
        var label = fields[_label].Trim();
        if (label.Length == 0) throw Wrong(path, number, $"{Column(_label)}: the class is missing");
        into.Labels.Add(label);
        if (options.Pixels is { } shape) into.Pixels.Add(Bytes(values, shape.Scale, path, number));
        else into.Numbers.Add(values);
    }

    float[] Values(List<string> fields, string path, int number)
    {
        var values = new float[_label < 0 ? _width : _width - 1];
        for (var (i, at) = (0, 0); i < _width; i++)
        {
            if (i == _label) continue;
            var read = float.TryParse(fields[i], NumberStyles.Float, CultureInfo.InvariantCulture, out var value);
            if (!read || !float.IsFinite(value))
                throw Wrong(path, number, $"{Column(i)}: a finite number is due; it is \"{Short(fields[i])}\"");
            values[at++] = value;
        }
        return values;
    }

    byte[] Bytes(float[] values, int scale, string path, int number)
    {
        var bytes = new byte[values.Length];
        for (var i = 0; i < values.Length; i++)
            bytes[i] = values[i] >= 0 && values[i] <= scale && values[i] == MathF.Floor(values[i]) ? (byte)values[i]
                : throw Wrong(path, number, $"{Column(i < _label ? i : i + 1)}: a pixel is a whole number from 0 to {scale}; it is {values[i]}");
        return bytes;
    }

    /// <summary>In numerical order where all are whole numbers, else in the order of their letters.</summary>
    static string[] Classes(List<string> labels)
    {
        string[] names = [.. labels.Distinct()];
        return names.All(name => long.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            ? [.. names.OrderBy(name => long.Parse(name, CultureInfo.InvariantCulture)).ThenBy(name => name, StringComparer.Ordinal)]
            : [.. names.Order(StringComparer.Ordinal)];
    }

    void Split(string line, List<string> fields, string path, int number)
    {
        fields.Clear();
        if (options.Separator != ',') { fields.AddRange(line.Split(options.Separator)); return; }
        for (var at = 0; at <= line.Length;)
        {
            if (at < line.Length && line[at] == '"') { fields.Add(Quoted(line, ref at, path, number)); continue; }
            var end = line.IndexOf(',', at);
            if (end < 0) end = line.Length;
            fields.Add(line[at..end].Trim());
            at = end + 1;
        }
    }

    static string Quoted(string line, ref int at, string path, int number)
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
            else throw Wrong(path, number, "a comma or the line's end is due after a closing quote");
        }
        throw Wrong(path, number, "a quote is opened and not closed");
    }

    static IEnumerable<(string Line, int Number)> Lines(string path)
    {
        using var file = File.OpenRead(path);
        using Stream content = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
            ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(content, Encoding.UTF8);
        for (var number = 1; Line(reader, path, number) is { } line; number++) yield return (line, number);
    }

    /// <summary>A line; null at the end. One without an end is not read for ever.</summary>
    static string? Line(StreamReader reader, string path, int number)
    {
        var text = new StringBuilder();
        try
        {
            for (int next; (next = reader.Read()) >= 0;)
            {
                if (next == '\n') return text.ToString();
                if (text.Length == LongestLine)
                    throw Wrong(path, number, $"a line may have {LongestLine} letters; it goes on");
                if (next != '\r') text.Append((char)next);
            }
            return text.Length > 0 ? text.ToString() : null;
        }
        catch (InvalidDataException error) when (!error.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw Wrong(path, number, $"the file cannot be unpacked: {error.Message.TrimEnd('.')}", error);
        }
    }

    string Column(int i) => _columns is null ? Invariant($"column {i + 1}") : Invariant($"column {i + 1} ({Short(_columns[i])})");
    static string Short(string text) => text.Length <= 40 ? text : text[..40] + "…";

    static InvalidDataException Wrong(string path, int number, FormattableString what, Exception? inner = null) =>
        new(Invariant($"{path}, line {number}: {Invariant(what)}."), inner);

    static InvalidDataException Wrong(string path, int number, string what) => new(Invariant($"{path}, line {number}: {what}."));
}
