namespace Retort.Data.Text;

/// <summary>The rows of all files of a data set of texts, and what becomes of them.</summary>
/// <param name="Path">The first file or the folder, for the name and for messages.</param>
/// <param name="Value">The name of the column of values; null where the targets are classes.</param>
sealed record TextSet(string Path, string? Value)
{
    /// <summary>Training rows.</summary>
    public required IReadOnlyList<TextRow> Training { get; init; }

    /// <summary>Validation rows; empty where validation is taken from the training rows.</summary>
    public IReadOnlyList<TextRow> Validation { get; init; } = [];

    /// <summary>Test rows; empty where the test split is taken from the training rows.</summary>
    public IReadOnlyList<TextRow> Test { get; init; } = [];

    /// <summary>Training rows without labels.</summary>
    public IReadOnlyList<TextRow> Unlabelled { get; init; } = [];

    /// <summary>The images that the texts are questions about; null where there are none.</summary>
    public QuestionImages? Images { get; init; }

    /// <summary>What was left out, a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The classes in the order of their indices; null: the distinct labels of the training rows.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>The names of the columns of texts; null where the file has none.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>The score that results are usually compared by; null for the task's own.</summary>
    public string? UsualScore { get; init; }

    /// <summary>The examples in the order training, validation, test, without labels.</summary>
    public TextExamples ToExamples()
    {
        TextRow[] rows = [.. Training, .. Validation, .. Test, .. Unlabelled];
        var labelled = rows.Length - Unlabelled.Count;
        var unique = new ClassLabels();
        string[] labels = Value is null ? [.. rows.Take(labelled).Select(row => unique.Unique(row.Label!))] : [];
        var classes = Value is null ? Classes ?? ClassNames.Sorted(labels.Take(Training.Count).Distinct()) : [Value];
        return new(rows)
        {
            Name = DataPath.NameOf(Path),
            Notes = Notes,
            Targets = Value is null ? TargetKind.Class : TargetKind.Values,
            Classes = classes,
            KnownTargets = Value is null ? null : [.. rows.Select(row => new[] { row.Value })],
            Labels = Value is null ? Indices(labels, classes) : [.. Enumerable.Repeat(-1, rows.Length)],
            Columns = Columns,
            UsualScore = UsualScore,
            Images = Images,
            Groups = Images?.Of,
            GroupsAre = "images",
            OwnValidation = Validation.Count,
            OwnTest = Test.Count,
            Unlabelled = Unlabelled.Count,
        };
    }

    int[] Indices(string[] labels, IReadOnlyList<string> classes)
    {
        var indices = classes.Index().ToDictionary(one => one.Item, one => one.Index, StringComparer.Ordinal);
        var found = labels.Select((label, i) => indices.TryGetValue(label, out var k) ? k
            : throw new InvalidDataException(
                $"{Path}: {SplitOf(i)} is of class \"{label.Shortened(40)}\"; the classes of the training examples are "
                + $"{string.Join(", ", classes.Take(20).Select(name => name.Shortened(40)))}."));
        return [.. found, .. Enumerable.Repeat(-1, Unlabelled.Count)];
    }

    string SplitOf(int row)
    {
        var validation = row - Training.Count;
        if (validation < 0) return Invariant($"training example {row + 1}");

        var test = validation - Validation.Count;
        return test < 0 ? Invariant($"validation example {validation + 1}") : Invariant($"test example {test + 1}");
    }
}
