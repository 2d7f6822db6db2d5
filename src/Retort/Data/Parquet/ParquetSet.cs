using System.Globalization;
using System.IO.Enumeration;
using Parquet.Schema;
using Retort.Data.Images;

namespace Retort.Data.Parquet;

/// <summary>Reads a dataset from one or several Parquet files.</summary>
sealed class ParquetSet(ParquetOptions options)
{
    const string PandasIndex = "__index_level_";         // the column of row numbers that pandas adds

    readonly MemoryLimit _budget = new(options.MemoryLimit);
    readonly ParquetLabels _labels = new(options.Path, options.Label);
    IReadOnlyList<string>? _columns;                     // the columns of numbers in the first file

    public Examples Read()
    {
        var set = new ImageSet(options, _budget);
        var (images, numbers) = (new List<ImageFile>(), new List<float[]>());
        foreach (var (split, path) in FindFiles())
        {
            HashSet<int> leftOut = [];
            using var file = new ParquetFile(path, _budget);
            if (ParquetImages.FindColumn(file, path, options.Image) is { } image)
            {
                var rows = set.DecodeRows(ParquetImages.Read(file, path, image));
                images.AddRange(rows.OfType<ImageFile>());
                leftOut = [.. rows.Index().Where(row => row.Item is null).Select(row => row.Index)];
            }
            else if (NumberColumns(file, path) is { Count: > 0 } columns)
                numbers.AddRange(ReadNumbers(file, path, columns));
            else
                throw new InvalidDataException(
                    $"{path} must have a column of images or numbers beside its labels; it has {file.ColumnList}. "
                    + "Texts are read by the data \"text\".");
            _labels.Add(file, path, split, leftOut);
        }
        if (images.Count > 0 && numbers.Count > 0)
            throw new InvalidDataException(
                $"{options.Path} must have images in all files or numbers in all files; it has both.");

        var (classes, labels) = _labels.ToClasses();
        var name = DataPath.NameOf(options.Path);
        if (images.Count == 0 && options.Unlabelled is not null) throw new InvalidDataException(
            $"{options.Path} must have images for the option \"unlabelled\"; it has numbers.");
        if (images.Count == 0)
            return new TableExamples(numbers)
            {
                Name = name, Classes = classes, Labels = labels, Columns = _columns,
                OwnValidation = _labels.Count(1), OwnTest = _labels.Count(2),
            };

        var unlabelled = options.Unlabelled is null ? []
            : new UnlabelledImages(options.Unlabelled, options.Image, areOthersSkipped: false, _budget).Decode(set);
        var (size, pixels) = set.SameSize([.. images, .. unlabelled]);
        return new ImageExamples(size, pixels)
        {
            Name = name, Classes = classes, Labels = [.. labels, .. unlabelled.Select(_ => -1)],
            OwnValidation = _labels.Count(1), OwnTest = _labels.Count(2), Unlabelled = unlabelled.Count,
            Findings = set.Findings,
        };
    }

    /// <summary>
    /// Training (0), validation (1) and test files (2) in this order, each by path. A single file is all training.
    /// </summary>
    List<(int Split, string Path)> FindFiles()
    {
        DataPath.MustExist(options.Path);
        if (File.Exists(options.Path)) return [(0, options.Path)];

        string[] all =
        [
            .. Directory.EnumerateFiles(options.Path, "*.parquet", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal),
        ];
        string[] patterns = [options.TrainingFiles, options.ValidationFiles, options.TestFiles];
        var files = Enumerable.Range(0, 3)
            .SelectMany(split => all.Where(path => Matches(path, patterns[split])).Select(path => (split, path)))
            .ToList();
        if (files.Count == 0 || files[0].split != 0)
        {
            var found = all.Take(10).Select(path => Path.GetRelativePath(options.Path, path));
            throw new InvalidDataException(
                $"{options.Path} must hold a .parquet file whose name, or whose folder's name, matches "
                + $"\"{options.TrainingFiles}\"; it has {(all.Length == 0 ? "none" : string.Join(", ", found))}.");
        }

        var ambiguous = files.GroupBy(file => file.path).FirstOrDefault(group => group.Count() > 1);
        return ambiguous is null ? files : throw new InvalidDataException(
            $"{ambiguous.Key} must match one of the patterns \"{string.Join("\", \"", patterns)}\"; "
            + "it matches several.");
    }

    bool Matches(string path, string pattern) => Path.GetRelativePath(options.Path, path)
        .Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar)
        .Any(step => FileSystemName.MatchesSimpleExpression(pattern, step));

    /// <summary>
    /// The columns of numbers beside the labels, in the order of the first file. Every file must have the same names.
    /// </summary>
    List<DataField> NumberColumns(ParquetFile file, string path)
    {
        var label = ParquetFile.NameOf(_labels.Column(file, path));
        var ignored = options.IgnoreColumns ?? [];
        var features = file.Fields.Concat(file.Lists)
            .Where(field => ParquetFile.NameOf(field) != label)
            .Where(field => !ignored.Contains(ParquetFile.NameOf(field)))
            .Where(field => !ParquetFile.NameOf(field).StartsWith(PandasIndex, StringComparison.Ordinal))
            .ToList();
        var found = features.Where(IsFeature).ToList();
        if (found.Count == 0) return found;
        if (features.Find(field => !IsFeature(field)) is { } other) throw new InvalidDataException(
            $"{path}: a feature must be a number; the column {ParquetFile.Describe(other)} holds none in each row: "
            + "the option \"ignoreColumns\" leaves it out.");

        List<string> names = [.. found.Select(ParquetFile.NameOf)];
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } duplicate)
            throw new InvalidDataException($"{path} has two columns \"{duplicate.Key}\".");
        _columns ??= names;
        if (_columns.Except(names).FirstOrDefault() is { } missing) throw Differs("lacks", missing);
        if (names.Except(_columns).FirstOrDefault() is { } extra) throw Differs("has", extra);
        return [.. _columns.Select(name => found[names.IndexOf(name)])];

        static bool IsFeature(DataField field) => field.MaxRepetitionLevel == 0 && ParquetFile.IsNumber(field);

        InvalidDataException Differs(string what, string name) => new(
            $"{path} {what} the column of numbers \"{name}\", unlike the files before it; it has {file.ColumnList}.");
    }

    List<float[]> ReadNumbers(ParquetFile file, string path, List<DataField> columns)
    {
        var rows = new List<float[]>();
        var rounding = new Float32Check(columns.Count);
        for (var group = 0; group < file.GroupCount; group++)
        {
            var before = rows.Count;
            foreach (var (c, column) in columns.Index())                  // one column in float64 at a time
            {
                var values = file.ReadNumbers(group, column);
                if (c == 0) AddRows(values.Length);
                for (var i = 0; i < values.Length; i++)
                {
                    var row = before + i;
                    rows[row][c] = values[i] is { } value && float.IsFinite((float)value)
                        ? (float)value
                        : throw NotFinite(path, row + 1, column, values[i]);
                    rounding.Add(c, value, rows[row][c]);
                }
            }
        }
        CheckRounding(rounding, file, path, columns);
        return rows;

        void AddRows(int count)
        {
            _budget.Reserve((sizeof(float) * (long)columns.Count + MemoryLimit.ItemBytes) * count, path);
            for (var i = 0; i < count; i++) rows.Add(new float[columns.Count]);
        }
    }

    static void CheckRounding(Float32Check rounding, ParquetFile file, string path, List<DataField> columns)
    {
        foreach (var suspect in rounding.Suspects())
        {
            var all = Enumerable.Range(0, file.GroupCount)
                .SelectMany(group => file.ReadNumbers(group, columns[suspect])).Select(value => value!.Value);
            if (Float32Check.Collision(all) is { } pair) throw Float32Check.Error(
                $"{path}, column \"{ParquetFile.NameOf(columns[suspect])}\"", pair);
        }
    }

    static InvalidDataException NotFinite(string path, int row, DataField column, double? value) => new(
        Invariant($"{path}, row {row}, column \"{ParquetFile.NameOf(column)}\" must be a finite number; ")
        + $"it is {value?.ToString(CultureInfo.InvariantCulture) ?? "missing"}.");
}
