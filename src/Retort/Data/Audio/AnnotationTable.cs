namespace Retort.Data.Audio;

/// <summary>Reads which labels each recording has from a table with a line for each annotation of one.</summary>
sealed class AnnotationTable
{
    const string AnnotatorColumn = "annotator_id";         // of SONYC-UST: 0 is its authors' verified annotation

    readonly string _path;
    readonly AudioTableOptions _options;
    readonly MemoryLimit _budget;
    readonly Dictionary<string, Annotation> _found = new(StringComparer.Ordinal);

    /// <summary>What the table says of a recording.</summary>
    /// <param name="Labels">1, 0, or NaN where it is not known. [C]</param>
    /// <param name="Split">Training (0), validation (1) or test (2).</param>
    public sealed record Annotation(float[] Labels, int Split)
    {
        /// <summary>Which labels annotator 0 has. [C]</summary>
        public bool[] AreVerified { get; } = new bool[Labels.Length];

        /// <summary>Adds an annotator's label; one of annotator 0 counts before those of the others.</summary>
        public void Add(int column, float label, bool isVerified)
        {
            if (float.IsNaN(label) || (AreVerified[column] && !isVerified)) return;

            var isFirst = isVerified && !AreVerified[column];
            Labels[column] = isFirst ? label : float.MaxNumber(label, Labels[column]);     // NaN where none is known
            AreVerified[column] |= isVerified;
        }
    }

    AnnotationTable(AudioTableOptions options, MemoryLimit budget) =>
        (_path, _options, _budget) = (options.Path, options, budget);

    /// <summary>The recordings of a table by the names of their files.</summary>
    /// <exception cref="InvalidDataException">
    /// A column is missing, a field is not of its kind, or the recordings exceed the memory limit.
    /// </exception>
    public static IReadOnlyDictionary<string, Annotation> Read(AudioTableOptions options, MemoryLimit budget)
    {
        var table = new AnnotationTable(options, budget);
        Columns? columns = null;
        foreach (var (fields, line) in TableLines.Read(options.Path, ','))
            if (columns is null) columns = table.Find(fields);
            else table.Add(fields, line, columns);
        return table._found.Count > 0 ? table._found
            : throw new InvalidDataException($"{options.Path} must have a line for each recording; it has none.");
    }

    sealed record Columns(int Count, int File, int? Split, int Annotator, int[] Labels);

    Columns Find(List<string> names)
    {
        return new(names.Count, At(_options.FileColumn), _options.SplitColumn is { } split ? At(split) : null,
            names.IndexOf(AnnotatorColumn), [.. _options.LabelColumns.Select(At)]);

        int At(string column) => names.IndexOf(column) is >= 0 and var at ? at : throw TableLines.Wrong(_path, 1,
            $"there must be a column \"{column}\"; there are {string.Join(", ", names.Take(20)).Shortened(200)}");
    }

    // several people may have annotated a recording: it has a label where annotator 0 or, without one, any says so
    void Add(List<string> fields, int line, Columns columns)
    {
        if (fields.Count != columns.Count) throw TableLines.Wrong(
            _path, line, $"there must be {columns.Count} fields as in the first line; there are {fields.Count}");

        var name = fields[columns.File];
        var split = columns.Split is { } at ? SplitOf(fields[at], line) : 0;
        if (!_found.TryGetValue(name, out var found))
        {
            _budget.ReserveText(name, _path);
            _budget.ReserveItem((sizeof(float) + sizeof(bool)) * (long)columns.Labels.Length, _path);
            var unknown = new float[columns.Labels.Length];
            unknown.AsSpan().Fill(float.NaN);
            _found[name] = found = new(unknown, split);
        }
        if (found.Split != split) throw TableLines.Wrong(
            _path, line, $"{name.Shortened(80)} must be in one split; another line has it in another");

        var isVerified = columns.Annotator >= 0 && fields[columns.Annotator] == "0";
        for (var c = 0; c < columns.Labels.Length; c++)
            found.Add(c, Label(fields[columns.Labels[c]], line, _options.LabelColumns[c]), isVerified);
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
