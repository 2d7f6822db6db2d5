namespace Retort.Data.Audio;

/// <summary>
/// Options of sound files with several labels each: a table (.csv, also as .gz) with the name of a file and a column of
/// 1 and 0 for each label, as <c>annotations.csv</c> of SONYC-UST. A recording may have several lines, one for each
/// person who annotated it: it has a label where one of them says so. Where a column <c>annotator_id</c> has the
/// annotator 0, whose labels are verified, they alone count. A label that is -1 or empty is not known.
/// </summary>
public sealed record AudioTableOptions : AudioDataOptions
{
    /// <summary>The folder or archive with the sound files; the table's folder unless given.</summary>
    [RecipePath] public string? Folder { get; init; }

    /// <summary>The column with the name of the file, without its folder.</summary>
    public string FileColumn { get; init; } = "audio_filename";

    /// <summary>The columns of labels, in the order of the task's outputs.</summary>
    [NotEmpty("column")] public required IReadOnlyList<string> LabelColumns { get; init; }

    /// <summary>
    /// The column with the split: train, validate or test. Unless given, validation and test are taken by a shuffle.
    /// </summary>
    public string? SplitColumn { get; init; }

    public override OptionError? Validate() => base.Validate()
        ?? (Folder is { } folder ? DataPath.Check(nameof(Folder), folder) : null);

    protected internal override Examples Read() => new AudioTable(this).Read();
}

/// <summary>Reads the sound files that a table lists, with their labels.</summary>
sealed class AudioTable(AudioTableOptions options)
{
    const int MaxListed = 5;

    readonly MemoryLimit _budget = new(options.MemoryLimit);

    public Examples Read()
    {
        var table = AnnotationTable.Read(options, _budget);
        var found = new RecordingReader(options, _budget).Read(ReadFiles(table));
        CheckAll(table, found);
        var sorted = found
            .OrderBy(one => table[NameOf(one)].Split)
            .ThenBy(one => one.Path, StringComparer.Ordinal)
            .ToList();
        return new AudioExamples(sorted, options.FrontEnd, options.TeacherFrontEnd)
        {
            Name = DataPath.NameOf(options.Path),
            Notes = [.. RecordingReader.Notes(sorted, options.Window)],
            Targets = TargetKind.Labels,
            Classes = options.LabelColumns,
            KnownTargets = AudioExamples.PerWindow(sorted, i => table[NameOf(sorted[i])].Labels),
            Labels = AudioExamples.PerWindow(sorted, _ => -1),
            OwnValidation = CountOf(1),
            OwnTest = CountOf(2),
        };

        int CountOf(int split) =>
            sorted.Where(one => table[NameOf(one)].Split == split).Sum(one => one.Windows.Count);
    }

    IEnumerable<(string Name, string DisplayName, byte[] Content)> ReadFiles(
        IReadOnlyDictionary<string, AnnotationTable.Annotation> table)
    {
        var folder = options.Folder ?? Path.GetDirectoryName(Path.GetFullPath(options.Path))!;
        foreach (var entry in FileTree.Walk(folder, _budget))
            if (!entry.IsFolder && table.ContainsKey(Path.GetFileName(entry.Name)))
                yield return (entry.Name, entry.DisplayName, entry.Bytes());
    }

    void CheckAll(IReadOnlyDictionary<string, AnnotationTable.Annotation> table, List<Recording> found)
    {
        if (found.GroupBy(NameOf).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidDataException(
                $"{twice.First().DisplayName} and {twice.Last().DisplayName} must have different names.");

        var missing = table.Keys.Except(found.Select(NameOf)).Order(StringComparer.Ordinal).ToList();
        if (missing.Count == 0) return;

        var rest = missing.Count > MaxListed ? Invariant($" and {missing.Count - MaxListed} more") : "";
        throw new InvalidDataException(
            $"{options.Path} lists recordings that are not in "
            + $"{options.Folder ?? "its folder"}: {string.Join(", ", missing.Take(MaxListed)).Shortened(300)}{rest}.");
    }

    static string NameOf(Recording recording) => Path.GetFileName(recording.Path);
}
