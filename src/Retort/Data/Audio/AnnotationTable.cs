namespace Retort.Data.Audio;

/// <summary>Reads which labels each recording has from a table with a line for each annotation of one.</summary>
sealed class AnnotationTable
{
    readonly string _path;
    readonly AudioTableOptions _options;
    readonly Dictionary<string, Annotation> _found = new(StringComparer.Ordinal);

    /// <summary>What the table says of a recording.</summary>
    /// <param name="Labels">1, 0, or NaN where it is not known. [C]</param>
    /// <param name="Split">Training (0), validation (1) or test (2).</param>
    public sealed record Annotation(float[] Labels, int Split);

    AnnotationTable(AudioTableOptions options) => (_path, _options) = (options.Path, options);

    /// <summary>The recordings of a table by the names of their files.</summary>
    /// <exception cref="InvalidDataException">A column is missing, or a field is not of its kind.</exception>
    public static IReadOnlyDictionary<string, Annotation> Read(AudioTableOptions options)
    {
        var table = new AnnotationTable(options);
        Columns? columns = null;
        foreach (var (fields, line) in TableLines.Read(options.Path, ','))
            if (columns is null) columns = table.Find(fields);
            else table.Add(fields, line, columns);
        return table._found.Count > 0 ? table._found
            : throw new InvalidDataException($"{options.Path} must have a line for each recording; it has none.");
    }

    sealed record Columns(int Count, int File, int? Split, int[] Labels);

    Columns Find(List<string> names)
    {
        return new(names.Count, At(_options.FileColumn), _options.SplitColumn is { } split ? At(split) : null,
            [.. _options.LabelColumns.Select(At)]);

        int At(string column) => names.IndexOf(column) is >= 0 and var at ? at : throw TableLines.Wrong(_path, 1,
            $"there must be a column \"{column}\"; there are {string.Join(", ", names.Take(20)).Shortened(200)}");
    }

    // several people may have annotated a recording: it has a label where one of them says so
    void Add(List<string> fields, int line, Columns columns)
    {
        if (fields.Count != columns.Count) throw TableLines.Wrong(
            _path, line, $"there must be {columns.Count} fields as in the first line; there are {fields.Count}");

        var name = fields[columns.File];
        var split = columns.Split is { } at ? SplitOf(fields[at], line) : 0;
        if (!_found.TryGetValue(name, out var found))
        {
            var unknown = new float[columns.Labels.Length];
            unknown.AsSpan().Fill(float.NaN);
            _found[name] = found = new(unknown, split);
        }
        if (found.Split != split) throw TableLines.Wrong(
            _path, line, $"{name.Shortened(80)} must be in one split; another line has it in another");

        for (var c = 0; c < columns.Labels.Length; c++)
        {
            var label = Label(fields[columns.Labels[c]], line, _options.LabelColumns[c]);
            found.Labels[c] = float.MaxNumber(label, found.Labels[c]);     // NaN only where both are
        }
    }

    int SplitOf(string word, int line) => word.ToLowerInvariant() switch
    {
        "train" or "training" => 0,
        "validate" or "validation" or "valid" or "val" or "dev" => 1,
        "test" or "testing" => 2,
        _ => throw TableLines.Wrong(
            _path, line, $"the split must be train, validate or test; it is \"{word.Shortened(40)}\""),
    };

    float Label(string field, int line, string column) => field switch
    {
        "1" or "1.0" => 1,
        "0" or "0.0" => 0,
        "" or "-1" or "-1.0" => float.NaN,
        _ => throw TableLines.Wrong(_path, line,
            $"\"{column}\" must be 1, 0, or -1 or empty where it is not known; it is \"{field.Shortened(40)}\""),
    };
}
