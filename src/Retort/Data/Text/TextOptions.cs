namespace Retort.Data.Text;

/// <summary>
/// Options of texts, or pairs of texts, with a class or a value each: CSV, TSV, JSON lines and Parquet with named
/// columns, or lines of a label and a text.
/// </summary>
public sealed record TextOptions : TextDataOptions
{
    /// <summary>The file of the validation split. Without it validation is taken from the first file.</summary>
    [RecipePath] public string? ValidationPath { get; init; }

    /// <summary>The file of the test split. Without it the test split is taken from the first file.</summary>
    [RecipePath] public string? TestPath { get; init; }

    /// <summary>
    /// The column of texts, by name, or by position from 1 where <see cref="Header"/> is false. By default the only
    /// column with a usual name: <c>text</c>, <c>sentence</c>, <c>sentence1</c>, <c>question</c>, …
    /// </summary>
    public string? Text { get; init; }

    /// <summary>The column of the second texts of pairs.</summary>
    public string? SecondText { get; init; }

    /// <summary>The column of classes; <c>label</c> unless given.</summary>
    public string? Label { get; init; }

    /// <summary>The column of numbers to predict, instead of classes: data of the task <c>regression</c>.</summary>
    public string? Value { get; init; }

    /// <summary>Whether the first line of a .csv or .tsv file has the columns' names.</summary>
    public bool Header { get; init; } = true;

    /// <summary>The encoding of files without a byte order mark; Parquet states its own.</summary>
    public TextFileEncoding Encoding { get; init; }

    public override OptionError? Validate()
    {
        if (Value is not null && Label is not null)
            return new(nameof(Value), "must be left out beside label: a data set has classes or values.");
        foreach (var (name, path) in new[] { (nameof(ValidationPath), ValidationPath), (nameof(TestPath), TestPath) })
            if (path is not null && DataPath.Check(name, path) is { } wrong) return wrong;
        return base.Validate();
    }

    protected internal override Examples Read()
    {
        var columns = new TextColumns(Text, SecondText, Value is null ? Label ?? "label" : null, Value, Header)
        {
            Encoding = Encoding,
        };
        var budget = new MemoryLimit(MemoryLimit);
        CheckDiffer(Path, ValidationPath, TestPath);
        var file = new TextFile(Path, columns, budget);
        return new TextSet(Path, Value)
        {
            Training = file.Read(),
            Columns = file.TextNames,
            Validation = ValidationPath is null ? [] : new TextFile(ValidationPath, columns, budget).Read(),
            Test = TestPath is null ? [] : new TextFile(TestPath, columns, budget).Read(),
            Unlabelled = Unlabelled is null ? []
                : new TextFile(Unlabelled, columns with { Label = null, Value = null }, budget).Read(),
        }.ToExamples();
    }
}
