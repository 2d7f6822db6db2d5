namespace Retort.Data;

/// <summary>
/// Options of a table in a text file, also as .gz: one example per line, one column with its class, numbers in the
/// others. A first line without numbers is taken as column names.
/// </summary>
public abstract record TableOptions : FileDataOptions
{
    /// <summary>A second table with the test examples. Without it they are taken from the first.</summary>
    [RecipePath]
    public string? TestPath { get; init; }

    /// <summary>
    /// The column of labels: its name or its position, from 1. Negative positions count from the end: -1 is the last.
    /// </summary>
    public string Label { get; init; } = "-1";

    /// <summary>How the other columns make an image. By default they are plain features.</summary>
    public PixelColumns? Pixels { get; init; }

    /// <summary>The character between two columns.</summary>
    internal abstract char Separator { get; }

    protected internal override Examples Read() => new Table(this).Read();
}
