using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Parquet.Schema;

namespace Retort.Data.Parquet;

/// <summary>The labels of a dataset's Parquet files, gathered file by file.</summary>
/// <param name="dataset">The dataset's file or folder, for messages.</param>
/// <param name="column">The column of labels; null for the default.</param>
sealed class ParquetLabels(string dataset, string? column)
{
    readonly List<string> _labels = [];                  // as the files have them: class indices or names
    readonly List<string> _paths = [];                   // the file of each label, for messages
    readonly ClassLabels _unique = new();
    readonly int[] _counts = new int[3];                 // labels per split
    IReadOnlyList<string>? _names;                       // class names from the files' metadata
    bool _areNames;                                      // whether the files hold names, not indices

    /// <summary>The number of examples in a split: training (0), validation (1) or test (2).</summary>
    public int Count(int split) => _counts[split];

    /// <summary>The column of labels.</summary>
    public DataField Column(ParquetFile file, string path)
    {
        var name = column ?? (file.ClassNames.Count == 1 ? file.ClassNames.Keys.Single() : "label");
        return file.Fields.FirstOrDefault(field => ParquetFile.NameOf(field) == name
                && (ParquetFile.IsNumber(field) || ParquetFile.IsText(field)))
            ?? throw new InvalidDataException(
                $"{path} has no column \"{name}\" with class indices or names; it has {file.ColumnList}. "
                + "The option \"label\" names it.");
    }

    /// <summary>Reads the labels of one file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="split">Its split: training (0), validation (1) or test (2).</param>
    /// <param name="leftOut">The rows, from 0, that are left out.</param>
    public void Add(ParquetFile file, string path, int split, HashSet<int> leftOut)
    {
        var field = Column(file, path);
        var names = file.ClassNames.GetValueOrDefault(ParquetFile.NameOf(field));
        if (_labels.Count == 0) (_names, _areNames) = (names, ParquetFile.IsText(field));
        else if (!(names ?? []).SequenceEqual(_names ?? []))
            throw new InvalidDataException($"{path} must name the same classes as the files before it; it does not.");

        var before = _labels.Count;
        for (var group = 0; group < file.GroupCount; group++) AddGroup(file, path, group, field);
        var row = -before;
        if (leftOut.Count > 0) _labels.RemoveAll(_ => leftOut.Contains(row++));
        _counts[split] += _labels.Count - before;
        while (_paths.Count < _labels.Count) _paths.Add(path);
    }

    void AddGroup(ParquetFile file, string path, int group, DataField field)
    {
        if (ParquetFile.IsText(field))
        {
            foreach (var text in file.ReadTexts(group, field))
                _labels.Add(IsClass(text) ? _unique.Unique(text.Trim()) : throw Missing(path, group, field));
            return;
        }

        foreach (var number in file.ReadNumbers(group, field))
            _labels.Add(number is { } value && value == Math.Floor(value)
                ? _unique.Unique(value.ToString("R", CultureInfo.InvariantCulture))
                : throw Missing(path, group, field));
    }

    static bool IsClass([NotNullWhen(true)] string? text) => text is not null && !TableNumber.IsMissing(text);

    /// <summary>
    /// Class names and the index of every example. Integers are indices into the metadata's names where there are any;
    /// otherwise the classes are the distinct labels of the training files.
    /// </summary>
    public (IReadOnlyList<string> Classes, int[] Labels) ToClasses()
    {
        var training = _labels.Take(_counts[0]).Distinct().ToList();
        if (training.Count == 0) throw new InvalidDataException($"{dataset} holds no training example.");
        IReadOnlyList<string> classes = _names ?? ClassNames.Sorted(training);
        if (classes.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } duplicate)
            throw new InvalidDataException(
                $"{dataset}: each class must have its own name; "
                + $"\"{duplicate.Key}\" is there {duplicate.Count()} times.");

        var areIndices = _names is not null && !_areNames;
        var indices = classes.Index().ToDictionary(
            pair => areIndices ? pair.Index.ToString(CultureInfo.InvariantCulture) : _unique.Unique(pair.Item),
            pair => pair.Index);
        int[] labels =
        [
            .. _labels.Select((label, i) => indices.TryGetValue(label, out var k) ? k : throw new InvalidDataException(
                $"{_paths[i]} has an example of class {label}; "
                + $"the classes are {string.Join(", ", indices.Keys.Take(20))}.")),
        ];

        var empty = Enumerable.Range(0, classes.Count).Except(labels.Take(_counts[0])).ToList();
        return empty.Count == 0 ? (classes, labels) : throw new InvalidDataException(Invariant(
            $"{dataset} has no training example of class \"{classes[empty[0]]}\"; ")
            + Invariant($"each of the {classes.Count} classes must have one."));
    }

    public static InvalidDataException Missing(string path, int group, DataField field) => new(Invariant(
        $"{path}, row group {group + 1}, column \"{ParquetFile.NameOf(field)}\": a value is missing or is no class."));
}
