namespace Retort.Contracts.Sections;

/// <summary>Square matrices of shares, the darker the larger; a reader chooses which is shown.</summary>
/// <param name="Maps">The first is shown at the beginning.</param>
/// <param name="Note">How to read them.</param>
/// <param name="Table">What Markdown has instead; null for nothing.</param>
sealed record HeatMapBlock(IReadOnlyList<HeatMap> Maps, string Note, TableBlock? Table) : Block;

/// <summary>One matrix of shares.</summary>
/// <param name="Key">
/// Its name in the style sheet: <c>student</c>, <c>gain</c>, <c>control</c> or <c>teacher</c>.
/// </param>
/// <param name="Title">Its name for a reader.</param>
/// <param name="Labels">Of rows and columns.</param>
/// <param name="Shares">Row by row.</param>
/// <param name="IsDifference">Whether values are differences, of which those on the diagonal are good above 0.</param>
sealed record HeatMap(
    string Key, string Title, IReadOnlyList<string> Labels, double[][] Shares, bool IsDifference = false)
{
    const int MaxLength = 60;

    /// <summary>Of rows and columns, cut where they are very long.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [.. Labels.Select(label => label.Shortened(MaxLength))];
}

/// <summary>A table whose rows have dots on a scale of shares, up to 100 %.</summary>
/// <param name="Title">Heads the rows' names.</param>
/// <param name="Columns">One a dot, with its color.</param>
/// <param name="Rows">In order.</param>
/// <param name="Note">Below it; empty for nothing.</param>
/// <param name="Table">What Markdown has instead.</param>
sealed record DotsBlock(string Title, IReadOnlyList<LegendEntry> Columns, IReadOnlyList<DotRow> Rows, string Note,
    TableBlock Table) : Block;

/// <summary>One row: a share for each column.</summary>
sealed record DotRow(string Name, IReadOnlyList<double> Shares)
{
    const int MaxLength = 60;

    /// <summary>The row's name, cut where it is very long.</summary>
    public string Name { get; init; } = Name.Shortened(MaxLength);
}
