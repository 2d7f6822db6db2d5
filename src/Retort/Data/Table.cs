using System.Globalization;
using Retort.Data.Images;

namespace Retort.Data;

/// <summary>Reads tables of numbers line by line, so that an error can name the line and the column.</summary>
sealed class Table(TableOptions options)
{
    readonly MemoryLimit _budget = new(options.MemoryLimit);
    string[]? _names;                                     // of the columns, where the table has names
    int[] _targets = [];                                  // positions of the columns of targets, in the options' order
    int _width;                                           // columns

    sealed record Rows(List<float[]> Features, List<byte[]> Pixels, List<string> Labels, List<float[]> Targets)
    {
        public int Count => Math.Max(Labels.Count, Targets.Count);
    }

    bool HasClasses => options is { LabelColumns: null, ValueColumns: null };

    IReadOnlyList<string> TargetColumns => options.LabelColumns ?? options.ValueColumns ?? [options.Label];

    public Examples Read()
    {
        var rows = new Rows([], [], [], []);
        ReadInto(rows, options.Path);
        var trainingCount = rows.Count;
        var classes = SortedClasses(rows.Labels);
        if (options.TestPath is { } test) ReadInto(rows, test);

        if (!HasClasses)
        {
            int[] none = [.. Enumerable.Repeat(-1, rows.Count)];
            return With(rows, [.. _targets.Select(TargetName)], none, rows.Count - trainingCount);
        }
        var indices = classes.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        int[] labels =
        [
            .. rows.Labels.Select((label, i) => indices.TryGetValue(label, out var k)
                ? k
                : throw new InvalidDataException(
                    Invariant($"{options.TestPath}, example {i - trainingCount + 1} is of class \"{label}\"; ")
                    + $"the classes of the training table are {string.Join(", ", classes.Take(20))}.")),
        ];

        return With(rows, classes, labels, labels.Length - trainingCount);
    }

    Examples With(Rows rows, string[] classes, int[] labels, int ownTest)
    {
        var name = DataPath.NameOf(options.Path);
        var kind = options.LabelColumns is not null ? TargetKind.Labels
            : options.ValueColumns is not null ? TargetKind.Values : TargetKind.Class;
        float[][]? targets = HasClasses ? null : [.. rows.Targets];
        if (options.Pixels is { } shape) return new ImageExamples(shape.ImageSize, rows.Pixels, shape.Scale)
        {
            Name = name, Classes = classes, Labels = labels, OwnTest = ownTest, Targets = kind, KnownTargets = targets,
        };
        return new TableExamples(rows.Features)
        {
            Name = name, Classes = classes, Labels = labels, OwnTest = ownTest, Targets = kind, KnownTargets = targets,
        };
    }

    void ReadInto(Rows rows, string path)
    {
        DataPath.FileMustExist(path);
        var before = rows.Count;
        foreach (var (fields, number) in TableLines.Read(path, options.Separator))
        {
            if (_width == 0) FindTargets(fields, path, number);
            if (fields.Count != _width)
                throw TableLines.Wrong(path, number, $"the line must have {_width} columns; it has {fields.Count}");

            if (rows.Count > before || !IsHeader(fields))
            {
                ReadRow(rows, fields, path, number);
                continue;
            }
            if (_names is not null && !fields.SequenceEqual(_names))
                throw TableLines.Wrong(path, number, $"the columns must have the names of {options.Path}");
            _names ??= [.. fields];
        }
        if (rows.Count == before) throw new InvalidDataException($"{path} holds no example.");
    }

    /// <summary>
    /// The numbers of a table for inference, line by line, without the columns that the options name as labels.
    /// </summary>
    public static IEnumerable<(int Line, float[] Numbers)> ReadUnlabelled(TableOptions options, int size)
    {
        var path = options.Path;
        var table = new Table(options);
        var isFirst = true;
        DataPath.FileMustExist(path);
        foreach (var (fields, number) in TableLines.Read(path, options.Separator))
        {
            if (isFirst && options.LabelColumns is not null) table.FindTargets(fields, path, number);
            var count = fields.Count - table._targets.Length;
            if (count != size)
            {
                var hint = count > size ? "; columns that are no input, such as the class, are named with --label" : "";
                throw TableLines.Wrong(
                    path, number, $"the line must have {size} numbers; it has {count} columns{hint}");
            }

            table._width = fields.Count;
            var isHeader = isFirst && table.IsHeader(fields);
            isFirst = false;
            if (isHeader) table._names = [.. fields];
            else yield return (number, table.ReadNumbers(fields, path, number));
        }
    }

    /// <summary>Finds the columns of targets in the first line, which may hold names.</summary>
    void FindTargets(List<string> fields, string path, int number)
    {
        _width = fields.Count;
        _targets = [.. TargetColumns.Select(Position)];
        if (_targets.Distinct().Count() < _targets.Length)
            throw TableLines.Wrong(path, number, $"a column is named twice in {string.Join(", ", TargetColumns)}");
        var features = _width - _targets.Length;
        if (features < 1)
            throw TableLines.Wrong(path, number, $"the line must have a number beside {Targets()}; it has none");
        if (options.Pixels is { } shape && shape.Count != features)
            throw TableLines.Wrong(
                path,
                number,
                $"the line must have {shape.Count} pixels of {shape.ImageSize} beside the label; it has {features}");

        string Targets() => _targets.Length == 1 ? "its label" : Invariant($"its {_targets.Length} targets");

        int Position(string column)
        {
            var isNumber = int.TryParse(
                column, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var at);
            var position = !isNumber ? fields.IndexOf(column) : at > 0 ? at - 1 : _width + at;
            return position >= 0 && position < _width && !(isNumber && at == 0) ? position
                : throw TableLines.Wrong(path, number,
                    $"the label \"{column}\" must be one of {_width} columns: {string.Join(", ", fields.Take(20))}");
        }
    }

    /// <summary>
    /// Whether a first line names the columns: a target's by the name in the options, or none of the others holds a
    /// number. "nan" and "inf" are invalid numbers, not names.
    /// </summary>
    bool IsHeader(List<string> fields) =>
        _targets.Where((column, i) => fields[column] == TargetColumns[i]).Any() || !fields.Where((_, i) => !IsTarget(i))
            .Any(text => text.Length == 0
                || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _));

    bool IsTarget(int column) => Array.IndexOf(_targets, column) >= 0;

    void ReadRow(Rows rows, List<string> fields, string path, int number)
    {
        var features = _width - _targets.Length;
        _budget.Reserve(options.Pixels is null ? sizeof(float) * (long)features : features, path);
        var values = ReadNumbers(fields, path, number);
        if (HasClasses)
        {
            var label = fields[_targets[0]].Trim();
            if (label.Length == 0)
                throw TableLines.Wrong(path, number, $"{ColumnName(_targets[0])}: the class is missing");
            rows.Labels.Add(label);
        }
        else rows.Targets.Add([.. _targets.Select(column => ReadTarget(fields[column], column, path, number))]);

        if (options.Pixels is { } shape) rows.Pixels.Add(ToBytes(values, shape.Scale, path, number));
        else rows.Features.Add(values);
    }

    // NaN where the field is empty
    float ReadTarget(string field, int column, string path, int number)
    {
        if (string.IsNullOrWhiteSpace(field)) return float.NaN;

        var isNumber = float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var value);
        if (options.LabelColumns is not null && !(isNumber && value is 0 or 1)) throw TableLines.Wrong(
            path, number, $"{ColumnName(column)}: a label must be 0, 1 or empty; it is \"{Shorten(field)}\"");
        return isNumber && float.IsFinite(value) ? value : throw TableLines.Wrong(path, number,
            $"{ColumnName(column)}: the value must be a finite number or empty; it is \"{Shorten(field)}\"");
    }

    float[] ReadNumbers(List<string> fields, string path, int number)
    {
        var values = new float[_width - _targets.Length];
        var count = 0;
        for (var i = 0; i < _width; i++)
        {
            if (IsTarget(i)) continue;
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
                var name = ColumnName(Enumerable.Range(0, _width).Where(column => !IsTarget(column)).ElementAt(i));
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

    string TargetName(int column) => _names is null ? Invariant($"column {column + 1}") : _names[column];

    string ColumnName(int i) =>
        _names is null ? Invariant($"column {i + 1}") : Invariant($"column {i + 1} ({Shorten(_names[i])})");

    static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
