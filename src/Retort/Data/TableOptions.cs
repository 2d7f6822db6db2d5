namespace Retort.Data;

/// <summary>
/// Options of a table in a text file, also as .gz: one example per line, one column with its class, or several with
/// labels or values, numbers in the others. The first line may hold the columns' names.
/// </summary>
public abstract record TableOptions : NumericDataOptions
{
    /// <summary>A second table with the test examples. Without it they are taken from the first.</summary>
    [RecipePath]
    public string? TestPath { get; init; }

    /// <summary>
    /// The column of labels: its name or its position, from 1. Negative positions count from the end: -1 is the last.
    /// </summary>
    public string Label { get; init; } = LastColumn;

    /// <summary>
    /// The columns of labels that are 0 or 1, by name or position, instead of one column with the class: data of the
    /// task <c>multi-label</c>. An empty field is an unknown label.
    /// </summary>
    [NotEmpty("column")] public IReadOnlyList<string>? LabelColumns { get; init; }

    /// <summary>
    /// The columns of numbers to predict, by name or position, instead of one column with the class: data of the task
    /// <c>regression</c>. An empty field is an unknown value.
    /// </summary>
    [NotEmpty("column")] public IReadOnlyList<string>? ValueColumns { get; init; }

    /// <summary>
    /// Columns that are neither label nor feature, by name or position: row numbers, ids, texts.
    /// </summary>
    [NotEmpty("column")] public IReadOnlyList<string>? IgnoreColumns { get; init; }

    /// <summary>
    /// Whether the first line holds the columns' names. Unless given, the line itself decides, and a line that may be
    /// either is refused.
    /// </summary>
    public bool? Header { get; init; }

    /// <summary>How the other columns make an image. By default they are plain features.</summary>
    public PixelColumns? Pixels { get; init; }

    /// <summary>The character between two columns.</summary>
    internal abstract char Separator { get; }

    /// <summary>The default of <see cref="Label"/>.</summary>
    internal const string LastColumn = "-1";

    public override OptionError? Validate()
    {
        if (LabelColumns is not null && ValueColumns is not null)
            return new(nameof(ValueColumns), "must be left out beside labelColumns: a table has one kind of targets.");
        if (Label != LastColumn && (LabelColumns ?? ValueColumns) is not null)
        {
            var columns = LabelColumns is null ? "valueColumns" : "labelColumns";
            return new(nameof(Label), $"must be left out beside {columns}, which name the targets; it is \"{Label}\".");
        }
        if (TestPath is { } test && DataPath.Check(nameof(TestPath), test) is { } wrong) return wrong;

        return base.Validate();
    }

    protected internal override Examples Read() => new Table(this).Read();
}
