using Retort.Runtime.Features;

namespace Retort.Data;

/// <summary>
/// Options of a table in a text file (also .gz): one example a line, one column its class, the others numbers. A first
/// line without numbers is taken for the columns' names.
/// </summary>
public abstract record TableOptions : FileDataOptions
{
    /// <summary>A second table with the examples of the test; without it they are taken from the first.</summary>
    [RecipePath]
    public string? TestPath { get; init; }

    /// <summary>The column with the class: its name, or its place from 1; from the end with a minus, -1 being the last.</summary>
    public string Label { get; init; } = "-1";

    /// <summary>The other columns as pixels, row by row, channel after channel; plain features unless given.</summary>
    public PixelColumns? Pixels { get; init; }

    /// <summary>What stands between two columns.</summary>
    internal abstract char Separator { get; }

    protected internal override Examples Read() => new Table(this).Read();
}

/// <summary>How the columns of a table make a picture.</summary>
public sealed record PixelColumns
{
    /// <summary>1 or 3.</summary>
    [OneOf(1, 3)] public int Channels { get; init; } = 1;

    /// <summary>Rows.</summary>
    [AtLeast(1)] public required int Height { get; init; }

    /// <summary>Columns.</summary>
    [AtLeast(1)] public required int Width { get; init; }

    internal long Size => (long)Channels * Height * Width;
    internal ImageSize Canvas => new(Channels, Height, Width);

    /// <summary>What stands for white; pixels are whole numbers from 0 to this, at most 255.</summary>
    [Between(1, 255)] public int Scale { get; init; } = 255;
}

/// <summary>Comma-separated values (RFC 4180: a field may stand in quotes; one that goes on in the next line is refused).</summary>
public sealed record CsvOptions : TableOptions
{
    internal override char Separator => ',';
}

/// <summary>Tab-separated values; quotes are letters like any other.</summary>
public sealed record TsvOptions : TableOptions
{
    internal override char Separator => '\t';
}
