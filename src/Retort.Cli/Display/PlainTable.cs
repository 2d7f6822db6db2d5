namespace Retort.Cli.Display;

/// <summary>A table in plain text: columns are two spaces apart, numbers are right-aligned.</summary>
static class PlainTable
{
    const int Gap = 2;                                                     // between columns
    const int FewestLetters = 8;                                           // of a name that is cut
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

    /// <summary>
    /// The lines of a table with names in the first column. Where it is wider than the terminal, it is printed as
    /// several, each with as many columns of numbers as fit, and names are cut; numbers never are.
    /// </summary>
    public static IEnumerable<string> Lines(IReadOnlyList<IReadOnlyList<string>> rows, int width)
    {
        var widths = Enumerable.Range(0, rows[0].Count).Select(column => rows.Max(row => row[column].Length)).ToList();
        var name = Math.Clamp(width - Gap - widths.Skip(1).Max(), FewestLetters, Math.Max(widths[0], FewestLetters));
        for (var next = 1; next < widths.Count;)
        {
            if (next > 1) yield return "";

            var (first, used) = (next, name);
            do used += Gap + widths[next++];
            while (next < widths.Count && used + Gap + widths[next] <= width);
            var part = rows.Select(row => (string[])[row[0].Shortened(name), .. row.Skip(first).Take(next - first)]);
            foreach (var line in Lines(part.First(), 1, part.Skip(1))) yield return line;
        }
    }
}
