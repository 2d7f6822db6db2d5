using System.Globalization;
using Retort.Data.Images;

namespace Retort.Data;

/// <summary>Reads tables of numbers line by line, so that an error can name the line and the column.</summary>
sealed class Table(TableOptions options)
{
    readonly MemoryLimit _budget = new(options.MemoryLimit);
    readonly TableLayout _layout = new(
        options.Path, options.Separator, options.LabelColumns ?? options.ValueColumns ?? [options.Label])
    {
        HasClasses = options is { LabelColumns: null, ValueColumns: null },
        IsLastByDefault = options is { LabelColumns: null, ValueColumns: null, Label: TableOptions.LastColumn },
        Ignored = options.IgnoreColumns ?? [], Header = options.Header, Pixels = options.Pixels,
    };

    readonly ClassLabels _labels = new();
    Float32Check? _rounding;                              // features, then values
    TableColumns? _training;                              // the columns of the first table

    sealed record Rows(List<float[]> Features, List<byte[]> Pixels, List<string> Labels, List<float[]> Targets)
    {
        public int Count => Math.Max(Labels.Count, Targets.Count);
    }

    bool HasClasses => _layout.HasClasses;

    public Examples Read()
    {
        if (options.TestPath is { } second && InputFile.AreSame(options.Path, second)) throw new InvalidDataException(
            $"{second} must be another file than the training table {options.Path}; it is the same.");

        var rows = new Rows([], [], [], []);
        ReadInto(rows, options.Path);
        var trainingCount = rows.Count;
        var classes = ClassNames.Sorted(rows.Labels.Distinct());
        if (options.TestPath is { } test) ReadInto(rows, test);
        CheckRounding();

        if (!HasClasses)
        {
            int[] none = [.. Enumerable.Repeat(-1, rows.Count)];
            return With(rows, [.. _training!.Targets.Select(_training.TargetName)], none, rows.Count - trainingCount);
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
        var columns = _training!.FeatureNames;
        var kind = options.LabelColumns is not null ? TargetKind.Labels
            : options.ValueColumns is not null ? TargetKind.Values : TargetKind.Class;
        float[][]? targets = HasClasses ? null : [.. rows.Targets];
        if (options.Pixels is { } shape) return new ImageExamples(shape.ImageSize, rows.Pixels, shape.Scale)
        {
            Name = name, Classes = classes, Labels = labels, OwnTest = ownTest, Targets = kind, KnownTargets = targets,
            Columns = columns,
        };
        return new TableExamples(rows.Features)
        {
            Name = name, Classes = classes, Labels = labels, OwnTest = ownTest, Targets = kind, KnownTargets = targets,
            Columns = columns,
        };
    }

    void ReadInto(Rows rows, string path)
    {
        DataPath.FileMustExist(path);
        var before = rows.Count;
        TableColumns? columns = null;
        foreach (var (fields, number) in TableLines.Read(path, options.Separator))
        {
            if (columns is null)
            {
                columns = ReadColumns(fields, path, number);
                if (columns.HasHeader) continue;
            }
            CheckWidth(columns, fields, path, number);
            ReadRow(rows, new(columns, fields, path, number));
        }
        if (rows.Count == before) throw new InvalidDataException($"{path} holds no example.");
    }

    TableColumns ReadColumns(List<string> first, string path, int number)
    {
        var header = new TableHeader(_layout, path);
        if (_training is not null) return header.Match(_training, first, number);

        _training = header.Read(first, number);
        foreach (var name in _training.Names ?? []) _budget.ReserveText(name, path);
        var targets = options.ValueColumns?.Count ?? 0;
        if (options.Pixels is null) _rounding = new(_training.Features.Length + targets);
        return _training;
    }

    static void CheckWidth(TableColumns columns, List<string> fields, string path, int number)
    {
        if (fields.Count == columns.Width) return;

        var hint = fields.Count == columns.Width + 1 && fields[^1].Length == 0 ? "; it ends with a separator" : "";
        throw TableLines.Wrong(
            path, number, $"the line must have {columns.Width} columns; it has {fields.Count}{hint}");
    }

    void ReadRow(Rows rows, TableRow row)
    {
        var count = row.Columns.Features.Length;
        var bytes = (options.Pixels is null ? sizeof(float) : 1) * (long)count;
        _budget.ReserveItem(bytes + (HasClasses ? 0 : MemoryLimit.ItemBytes), row.Path);
        var values = row.Numbers(options.Separator);
        if (options.Pixels is { } shape) rows.Pixels.Add(row.ToBytes(values, shape.Scale));
        else rows.Features.Add(values);
        if (HasClasses) rows.Labels.Add(ReadClass(row));
        else rows.Targets.Add([.. row.Columns.Targets.Select(row.ReadTarget(options.LabelColumns is not null))]);
        AddToRounding(row, values);
    }

    string ReadClass(TableRow row)
    {
        var column = row.Columns.Targets[0];
        var label = row.Fields[column];
        if (label.Length == 0) throw row.Wrong(column, "the class is missing");
        if (TableNumber.IsMissing(label)) throw row.Wrong(
            column, $"the class must not be missing; it is \"{label}\", which stands for a missing value");

        var known = _labels.Unique(label, out var isNew);
        if (isNew) _budget.ReserveText(label, row.Path);
        return known;
    }

    void AddToRounding(TableRow row, float[] values)
    {
        if (_rounding is null) return;

        for (var i = 0; i < values.Length; i++)
            _rounding.Add(i, row.Exact(row.Columns.Features[i], values[i]), values[i]);
        if (options.ValueColumns is null) return;

        foreach (var (i, column) in row.Columns.Targets.Index())
            if (TableNumber.TryRead(row.Fields[column], out var value))
                _rounding.Add(values.Length + i, row.Exact(column, value), value);
    }

    /// <summary>Refuses a column with different values that are one float32, where this changes the results.</summary>
    void CheckRounding()
    {
        foreach (var suspect in _rounding?.Suspects() ?? [])
        {
            var columns = _training!;
            int[] all = [.. columns.Features, .. columns.Targets];
            var column = all[suspect];
            var values = TableLines.Read(options.Path, options.Separator)
                .Skip(columns.HasHeader ? 1 : 0)
                .Where(line => line.Fields[column].Length > 0)
                .Select(line => double.Parse(line.Fields[column], CultureInfo.InvariantCulture));
            if (Float32Check.Collision(values) is { } pair)
                throw Float32Check.Error($"{options.Path}, {columns.Describe(column)}", pair);
        }
    }
}
