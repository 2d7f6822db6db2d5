using System.Globalization;
using System.IO.Enumeration;
using Parquet.Schema;
using Retort.Data.Images;
using static System.FormattableString;

namespace Retort.Data.Parquet;

/// <summary>Reads a set from one or several Parquet files.</summary>
sealed class ParquetSet(ParquetOptions options)
{
    readonly MemoryLimit _budget = new(options.MemoryLimit);
    readonly List<string> _labels = [];                  // as they stand in the files: numbers or names
    readonly List<string> _places = [];                  // file and row group of each label, for messages
    readonly int[] _counts = new int[3];
    IReadOnlyList<string>? _names;                       // from the files' metadata
    IReadOnlyList<string>? _columns;                     // of numbers, as the first file has them
    bool _spelled;                                       // labels are names, not numbers

    public Examples Read()
    {
        var set = new ImageSet(options, _budget);
        var (pictures, numbers) = (new List<ImageFile>(), new List<float[]>());
        foreach (var (part, path) in Files())
        {
            using var file = new ParquetFile(path, _budget);
            if (Image(file, path) is { } image)
                pictures.AddRange(set.Decoded(Contents(file, path, image)));
            else if (Columns(file, path) is { Count: > 0 } columns) numbers.AddRange(Features(file, path, columns));
            else throw new InvalidDataException(
                $"{path} has no column of pictures or numbers beside its labels; it has {Listed(file)}. Networks of this version take no texts.");
            Labels(file, path, part);
        }
        if (pictures.Count > 0 && numbers.Count > 0) throw new InvalidDataException($"{options.Path} has pictures in some files and numbers in others.");
        var (classes, labels) = Classes();
        var name = Folder.NameOf(options.Path);
        var (validation, test) = (_counts[1], _counts[2]);
        if (pictures.Count == 0)
            return new TableExamples(numbers) { Name = name, Classes = classes, Labels = labels, OwnValidation = validation, OwnTest = test };
        var (canvas, pixels) = set.Alike(pictures);
        return new ImageExamples(canvas, pixels) { Name = name, Classes = classes, Labels = labels, OwnValidation = validation, OwnTest = test };
    }

    public LabelledTexts ReadTexts(string? column)
    {
        var texts = new List<string>();
        foreach (var (part, path) in Files())
        {
            using var file = new ParquetFile(path, _budget);
            var fields = file.Fields.Where(field => ParquetFile.IsText(field) && ParquetFile.NameOf(field) != options.Label && (column is null || ParquetFile.NameOf(field) == column)).ToList();
            if (fields.Count != 1) throw new InvalidDataException(
                $"{path} must have one column of texts{(column is null ? "" : $" \"{column}\"")}; it has {Listed(file)}.");
            for (var group = 0; group < file.Groups; group++)
                foreach (var text in file.Texts(group, fields[0]))
                {
                    texts.Add(text ?? throw Missing(path, group, fields[0]));
                    _budget.Spend(sizeof(char) * (long)text.Length, path);
                }
            Labels(file, path, part);
        }
        var (classes, labels) = Classes();
        return new(texts, labels, classes, _counts[1], _counts[2]);
    }

    /// <summary>Training, validation and test files in this order, each by path; a single file is all training.</summary>
    List<(int Part, string Path)> Files()
    {
        Folder.MustExist(options.Path);
        if (File.Exists(options.Path)) return [(0, options.Path)];
        string[] all = [.. Directory.EnumerateFiles(options.Path, "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        string[] patterns = [options.TrainingFiles, options.ValidationFiles, options.TestFiles];
        var files = Enumerable.Range(0, 3).SelectMany(part => all.Where(path => Matches(path, patterns[part])).Select(path => (part, path))).ToList();
        if (files.Count == 0 || files[0].part != 0) throw new InvalidDataException(
            $"{options.Path} holds no .parquet file that is like \"{options.TrainingFiles}\" or lies in such a folder; it has "
            + $"{(all.Length == 0 ? "none at all" : string.Join(", ", all.Take(10).Select(path => Path.GetRelativePath(options.Path, path))))}.");
        var twice = files.GroupBy(file => file.path).FirstOrDefault(group => group.Count() > 1);
        return twice is null ? files : throw new InvalidDataException(
            $"{twice.Key} is like several of the patterns \"{string.Join("\", \"", patterns)}\"; each file must belong to one part.");
    }

    bool Matches(string path, string pattern) => Path.GetRelativePath(options.Path, path)
        .Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).Any(step => FileSystemName.MatchesSimpleExpression(pattern, step));

    DataField? Image(ParquetFile file, string path)
    {
        var fields = file.Fields.Where(field => ParquetFile.IsBytes(field) && (options.Image is null || ParquetFile.NameOf(field) == options.Image)).ToList();
        if (fields.Count == 1) return fields[0];
        if (fields.Count == 0 && options.Image is null) return null;
        throw new InvalidDataException($"{path} must have one column of bytes for pictures{(options.Image is { } name ? $" called \"{name}\"" : "")}; it has {Listed(file)}.");
    }

    static IEnumerable<(string Name, string Shown, byte[] Content)> Contents(ParquetFile file, string path, DataField image)
    {
        var row = 0;
        for (var group = 0; group < file.Groups; group++)
            foreach (var content in file.Bytes(group, image))
            {
                row++;
                if (content is null) throw new InvalidDataException(
                    Invariant($"{path}, row {row}: the picture's bytes are missing; one that is only named by its path is not fetched."));
                yield return (Invariant($"{Path.GetFileName(path)} row {row}"), Invariant($"{path}, row {row}"), content);
            }
    }

    static List<DataField> NumberColumns(ParquetFile file) => [.. file.Fields.Where(field => ParquetFile.IsNumber(field)
        && !ParquetFile.NameOf(field).StartsWith("__index_level_", StringComparison.Ordinal))];           // pandas's own numbering

    /// <summary>The columns of numbers beside the labels, in the order of the first file: the same names must be in every file.</summary>
    List<DataField> Columns(ParquetFile file, string path)
    {
        var label = ParquetFile.NameOf(Label(file, path));
        var found = NumberColumns(file).Where(field => ParquetFile.NameOf(field) != label).ToList();
        if (found.Count == 0) return found;
        List<string> names = [.. found.Select(ParquetFile.NameOf)];
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice) throw new InvalidDataException($"{path} has two columns \"{twice.Key}\".");
        _columns ??= names;
        if (_columns.Except(names).FirstOrDefault() is { } missing) throw Unlike("lacks", missing);
        if (names.Except(_columns).FirstOrDefault() is { } strange) throw Unlike("has", strange);
        return [.. _columns.Select(name => found[names.IndexOf(name)])];

        InvalidDataException Unlike(string what, string name) =>
            new($"{path} {what} the column of numbers \"{name}\", unlike the files before it; it has {Listed(file)}.");
    }

    List<float[]> Features(ParquetFile file, string path, List<DataField> columns)
    {
        var rows = new List<float[]>();
        for (var group = 0; group < file.Groups; group++)
        {
            var values = columns.Select(column => file.Numbers(group, column)).ToList();
            _budget.Spend(sizeof(float) * (long)columns.Count * values[0].Length, path);
            for (var i = 0; i < values[0].Length; i++)
            {
                var row = new float[columns.Count];
                for (var c = 0; c < row.Length; c++)
                    row[c] = values[c][i] is { } value && float.IsFinite((float)value) ? (float)value : throw new InvalidDataException(
                        Invariant($"{path}, row {rows.Count + 1}, column \"{ParquetFile.NameOf(columns[c])}\": a finite number is due; it is {values[c][i]?.ToString(CultureInfo.InvariantCulture) ?? "missing"}."));
                rows.Add(row);
            }
        }
        return rows;
    }

    DataField Label(ParquetFile file, string path)
    {
        var name = options.Label ?? (file.ClassNames.Count == 1 ? file.ClassNames.Keys.Single() : "label");
        return file.Fields.FirstOrDefault(field => ParquetFile.NameOf(field) == name && (ParquetFile.IsNumber(field) || ParquetFile.IsText(field)))
            ?? throw new InvalidDataException($"{path} has no column \"{name}\" with numbers or names of classes; it has {Listed(file)}. The option \"label\" names it.");
    }

    void Labels(ParquetFile file, string path, int part)
    {
        var field = Label(file, path);
        var names = file.ClassNames.GetValueOrDefault(ParquetFile.NameOf(field));
        if (_labels.Count == 0) (_names, _spelled) = (names, ParquetFile.IsText(field));
        else if (!(names ?? []).SequenceEqual(_names ?? [])) throw new InvalidDataException($"{path} names other classes than the files before it.");
        for (var group = 0; group < file.Groups; group++)
        {
            var before = _labels.Count;
            if (ParquetFile.IsText(field)) foreach (var text in file.Texts(group, field)) _labels.Add(text ?? throw Missing(path, group, field));
            else foreach (var number in file.Numbers(group, field))
                _labels.Add(number is { } value && value == Math.Floor(value) ? value.ToString("R", CultureInfo.InvariantCulture) : throw Missing(path, group, field));
            _counts[part] += _labels.Count - before;
            while (_places.Count < _labels.Count) _places.Add(path);
        }
    }

    /// <summary>Numbers count the names in the metadata, where there are any; else the classes are the training part's own.</summary>
    (IReadOnlyList<string> Classes, int[] Labels) Classes()
    {
        var training = _labels.Take(_counts[0]).Distinct().ToList();
        if (training.Count == 0) throw new InvalidDataException($"{options.Path} holds no training example.");
        var classes = _names ?? (training.TrueForAll(label => long.TryParse(label, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            ? [.. training.OrderBy(label => long.Parse(label, CultureInfo.InvariantCulture))]
            : [.. training.Order(StringComparer.Ordinal)]);
        if (classes.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidDataException($"{options.Path}: each class must have a name of its own; \"{twice.Key}\" is there {twice.Count()} times.");
        var counted = _names is not null && !_spelled;
        var byName = classes.Select((name, k) => (name, k)).ToDictionary(pair => counted ? pair.k.ToString(CultureInfo.InvariantCulture) : pair.name, pair => pair.k);
        int[] labels = [.. _labels.Select((label, i) => byName.TryGetValue(label, out var k) ? k : throw new InvalidDataException(
            $"{_places[i]} has an example of class {label}; the classes are {string.Join(", ", byName.Keys.Take(20))}."))];
        var bare = Enumerable.Range(0, classes.Count).Except(labels.Take(_counts[0])).ToList();
        return bare.Count == 0 ? (classes, labels) : throw new InvalidDataException(
            Invariant($"{options.Path} has no training example of class \"{classes[bare[0]]}\"; each of the {classes.Count} classes must have one."));
    }

    static InvalidDataException Missing(string path, int group, DataField field) =>
        new(Invariant($"{path}, row group {group + 1}, column \"{ParquetFile.NameOf(field)}\": a value is missing or is no whole number."));

    static string Listed(ParquetFile file) =>
        string.Join(", ", file.Fields.Select(field => $"{string.Join('.', field.Path.ToList()).OnOneLine()} ({Word(field)})"));

    static string Word(DataField field) => ParquetFile.IsText(field) ? "text" : ParquetFile.IsBytes(field) ? "bytes" : field.ClrType.Name.ToLowerInvariant();
}
