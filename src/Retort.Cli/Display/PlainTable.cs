namespace Retort.Cli.Display;

/// <summary>A table in plain text: columns are two spaces apart, numbers are right-aligned.</summary>
static class PlainTable
{
    const int MaxWidth = 200;                                              // of a column; class names may be longer

    /// <summary>
    /// The lines of a table. The first <paramref name="textColumns"/> columns hold text, the others numbers.
    /// </summary>
    public static IEnumerable<string> Lines(
        IReadOnlyList<string> head, int textColumns, IEnumerable<IReadOnlyList<string>> rows)
    {
        List<IReadOnlyList<string>> all = [head, .. rows.Select(row => row.Select(Cell).ToList())];
        var widths = Enumerable.Range(0, head.Count)
            .Select(column => all.Max(row => row[column].Length))
            .ToList();
        return all.Select(row => string.Join("  ", row.Select(Align)).TrimEnd());

        static string Cell(string text) => text.OnOneLine().Shortened(MaxWidth);

        string Align(string cell, int column) =>
            column < textColumns ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]);
    }
}
