using System.Globalization;
using Retort.Data.Images;

namespace Retort.Data;

/// <summary>Reads tables of numbers line by line, so that an error can name the line and the column.</summary>
sealed class Table(TableOptions options)
{
    readonly MemoryLimit _budget = new(options.MemoryLimit);
    string[]? _names;                                     // of the columns, where the table has names
    int _label = -1;                                      // the position of the column of labels
    int _width;                                           // columns

    sealed record Rows(List<float[]> Features, List<byte[]> Pixels, List<string> Labels);

    public Examples Read()
    {
        var rows = new Rows([], [], []);
        ReadInto(rows, options.Path);
        var trainingCount = rows.Labels.Count;
        var classes = SortedClasses(rows.Labels);
        if (options.TestPath is { } test) ReadInto(rows, test);

        var indices = classes.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        int[] labels =
        [
            .. rows.Labels.Select((label, i) => indices.TryGetValue(label, out var k)
                ? k
                : throw new InvalidDataException(
                    Invariant($"{options.TestPath}, example {i - trainingCount + 1} is of class \"{label}\"; ")
                    + $"the classes of the training table are {string.Join(", ", classes.Take(20))}.")),
        ];

        var name = DataPath.NameOf(options.Path);
        var ownTest = labels.Length - trainingCount;
        if (options.Pixels is { } shape)
            return new ImageExamples(shape.ImageSize, rows.Pixels, shape.Scale)
            {
                Name = name, Classes = classes, Labels = labels, OwnTest = ownTest,
            };
        return new TableExamples(rows.Features) { Name = name, Classes = classes, Labels = labels, OwnTest = ownTest };
    }

    void ReadInto(Rows rows, string path)
    {
        DataPath.FileMustExist(path);
        var before = rows.Labels.Count;
        foreach (var (fields, number) in TableLines.Read(path, options.Separator))
        {
            if (_width == 0) FindLabel(fields, path, number);
            if (fields.Count != _width)
                throw TableLines.Wrong(path, number, $"the line must have {_width} columns; it has {fields.Count}");

            if (rows.Labels.Count > before || !(fields[_label] == options.Label || IsHeader(fields)))
            {
                ReadRow(rows, fields, path, number);
                continue;
            }
            if (_names is not null && !fields.SequenceEqual(_names))
                throw TableLines.Wrong(path, number, $"the columns must have the names of {options.Path}");
            _names ??= [.. fields];
        }
        if (rows.Labels.Count == before) throw new InvalidDataException($"{path} holds no example.");
    }

    /// <summary>
    /// The numbers of a table for inference, line by line. Only where <paramref name="labelled"/> has the table a
    /// column of labels, which is left out.
    /// </summary>
    public static IEnumerable<(int Line, float[] Numbers)> ReadUnlabelled(
        TableOptions options, bool labelled, int size)
    {
        var path = options.Path;
        var table = new Table(options);
        var isFirst = true;
        DataPath.FileMustExist(path);
        foreach (var (fields, number) in TableLines.Read(path, options.Separator))
        {
            if (isFirst && labelled) table.FindLabel(fields, path, number);
            var count = fields.Count - (labelled ? 1 : 0);
            if (count != size)
            {
                var hint = count == size + 1 ? "; if one of them is the class, name it with --label" : "";
                throw TableLines.Wrong(
                    path, number, $"the line must have {size} numbers; it has {count} columns{hint}");
            }

            table._width = fields.Count;
            var isHeader = isFirst
                && ((labelled && fields[table._label] == options.Label) || table.IsHeader(fields));
            isFirst = false;
            if (isHeader) table._names = [.. fields];
            else yield return (number, table.ReadNumbers(fields, path, number));
        }
    }

    /// <summary>Finds the column of labels in the first line, which may hold names.</summary>
    void FindLabel(List<string> fields, string path, int number)
    {
        _width = fields.Count;
        var position = fields.IndexOf(options.Label);
        var isNumber = int.TryParse(
            options.Label, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var at);
        if (isNumber) position = at > 0 ? at - 1 : _width + at;

        if (position < 0 || position >= _width || (isNumber && at == 0))
            throw TableLines.Wrong(
                path,
                number,
                $"the label \"{options.Label}\" must be one of {_width} columns: {string.Join(", ", fields.Take(20))}");
        if (_width < 2)
            throw TableLines.Wrong(path, number, $"the line must have a label and a number; it has one column");
        if (options.Pixels is { } shape && shape.Count != _width - 1)
            throw TableLines.Wrong(
                path,
                number,
                $"the line must have {shape.Count} pixels of {shape.ImageSize} beside the label; it has {_width - 1}");
        _label = position;
    }

    /// <summary>
    /// Whether no column beside the label holds a number. "nan" and "inf" are invalid numbers, not names.
    /// </summary>
    bool IsHeader(List<string> fields) => !fields.Where((_, i) => i != _label).Any(text =>
        text.Length == 0 || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _));

    void ReadRow(Rows rows, List<string> fields, string path, int number)
    {
        _budget.Reserve(options.Pixels is null ? sizeof(float) * (_width - 1L) : _width - 1, path);
        var values = ReadNumbers(fields, path, number);
        var label = fields[_label].Trim();
        if (label.Length == 0) throw TableLines.Wrong(path, number, $"{ColumnName(_label)}: the class is missing");

        rows.Labels.Add(label);
        if (options.Pixels is { } shape) rows.Pixels.Add(ToBytes(values, shape.Scale, path, number));
        else rows.Features.Add(values);
    }

    float[] ReadNumbers(List<string> fields, string path, int number)
    {
        var values = new float[_label < 0 ? _width : _width - 1];
        var count = 0;
        for (var i = 0; i < _width; i++)
        {
            if (i == _label) continue;
            var isNumber = float.TryParse(
                fields[i], NumberStyles.Float, CultureInfo.InvariantCulture, out var value);
            if (!isNumber || !float.IsFinite(value))
                throw TableLines.Wrong(
                    path,
                    number,
                    $"{ColumnName(i)}: the value must be a finite number; it is \"{Shorten(fields[i])}\"");
            values[count++] = value;
        }
        return values;
    }

    byte[] ToBytes(float[] values, int scale, string path, int number)
    {
        var bytes = new byte[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            if (!(value >= 0 && value <= scale && value == MathF.Floor(value)))
            {
                var name = ColumnName(i < _label ? i : i + 1);
                throw TableLines.Wrong(
                    path, number, $"{name}: a pixel must be an integer from 0 to {scale}; it is {value}");
            }
            bytes[i] = (byte)value;
        }
        return bytes;
    }

    /// <summary>The distinct labels: in numerical order if all are integers, otherwise in ordinal order.</summary>
    static string[] SortedClasses(List<string> labels)
    {
        string[] names = [.. labels.Distinct()];
        var areIntegers = names.All(name =>
            long.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _));
        return areIntegers
            ?
            [
                .. names.OrderBy(name => long.Parse(name, CultureInfo.InvariantCulture))
                    .ThenBy(name => name, StringComparer.Ordinal),
            ]
            : [.. names.Order(StringComparer.Ordinal)];
    }

    string ColumnName(int i) =>
        _names is null ? Invariant($"column {i + 1}") : Invariant($"column {i + 1} ({Shorten(_names[i])})");

    static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
