namespace Retort.Data.Text;

/// <summary>
/// Options of a task of GLUE in the layout in which GLUE publishes it: a folder with <c>train.tsv</c> and
/// <c>dev.tsv</c>. The labels of its test sets were never published: the development set is the test split, and
/// validation is taken from the training set. Where the recipe names no task, the primary score is GLUE's metric.
/// </summary>
public sealed record GlueOptions : TextDataOptions
{
    /// <summary>The task whose files the folder has.</summary>
    public required GlueTask Task { get; init; }

    /// <summary>Of MNLI: whether the test split is the development set of other genres.</summary>
    public bool Mismatched { get; init; }

    public override OptionError? Validate()
    {
        if (Mismatched && Task != GlueTask.Mnli)
            return new(nameof(Mismatched), "must be left out: only the task \"mnli\" has two development sets.");
        if (Test is not null)
            return new(nameof(Test), "must be left out: the development set is the test split.");
        return base.Validate();
    }

    protected internal override Examples Read()
    {
        var layout = GlueLayout.Of(Task, Mismatched);
        var budget = new MemoryLimit(MemoryLimit);
        var file = new TextFile(System.IO.Path.Combine(Path, "train.tsv"), layout.Columns, budget)
        {
            SkipsBrokenLines = Task == GlueTask.Qqp,
        };
        return new TextSet(Path, layout.Columns.Value)
        {
            Training = file.Read(),
            Columns = layout.Columns.Header ? file.TextNames : null,
            Test = new TextFile(System.IO.Path.Combine(Path, layout.DevFile), layout.Columns, budget).Read(),
            Unlabelled = Unlabelled is null ? []
                : new TextFile(Unlabelled, layout.Columns with { Label = null, Value = null }, budget).Read(),
            Notes = file.Broken == 0 ? []
                : [Invariant($"{file.Broken} lines of train.tsv have too few columns and are left out")],
            Classes = layout.Classes,
            UsualScore = layout.Score,
        }.ToExamples();
    }
}
