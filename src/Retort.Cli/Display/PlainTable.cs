namespace Retort.Cli.Display;

/// <summary>A table in plain text: columns are two spaces apart, numbers are right-aligned.</summary>
static class PlainTable
{
    const int Gap = 2;                                                     // between columns
    const int FewestLetters = 8;                                           // on a line of a wrapped cell
    const int MaxLength = 200;                                             // of a cell; class names may be longer

    /// <summary>
    /// The lines of a table. Where it is wider than the terminal, it is printed as several, each with the first column
    /// and as many of the others as fit. Text that is too long even so is wrapped; numbers never are.
    /// </summary>
    /// <param name="head">The titles of the columns.</param>
    /// <param name="textColumns">How many columns, from the first on, hold text; the others hold numbers.</param>
    /// <param name="rows">The cells of each row.</param>
    /// <param name="width">The columns of the terminal; null for no limit.</param>
    public static IEnumerable<string> Lines(
        IReadOnlyList<string> head, int textColumns, IEnumerable<IReadOnlyList<string>> rows, int? width = null)
    {
        List<IReadOnlyList<string>> all = [head, .. rows.Select(row => row.Select(Cell).ToList())];
        var widths = Enumerable.Range(0, head.Count).Select(column => all.Max(row => row[column].Length)).ToArray();
        var limit = width ?? int.MaxValue;
        if (widths.Sum() + Gap * (widths.Length - 1) > limit) Narrow(widths, textColumns, limit);

        for (var next = 1; next < widths.Length;)
        {
            if (next > 1) yield return "";

            var used = widths[0];
            List<int> columns = [0];
            do
            {
                columns.Add(next);
                used += Gap + widths[next++];
            }
            while (next < widths.Length && used + Gap + widths[next] <= limit);
            foreach (var line in all.SelectMany(RowLines)) yield return line;

            IEnumerable<string> RowLines(IReadOnlyList<string> row)
            {
                var cells = columns.ConvertAll(column => Wrapped(row[column], widths[column]));
                return Enumerable.Range(0, cells.Max(cell => cell.Count)).Select(line => string.Join(
                    new string(' ', Gap),
                    columns.Select((column, i) => Align(cells[i].ElementAtOrDefault(line) ?? "", column))).TrimEnd());
            }
        }

        static string Cell(string text) => text.OnOneLine().Shortened(MaxLength);

        string Align(string cell, int column) =>
            column < textColumns ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]);
    }

    // the first column leaves room for any number, and half of the terminal for a text
    static void Narrow(int[] widths, int textColumns, int limit)
    {
        var widest = widths.Select((width, column) => column < textColumns ? Math.Min(width, limit / 2) : width)
            .Skip(1).Max();
        widths[0] = Math.Clamp(limit - Gap - widest, FewestLetters, Math.Max(widths[0], FewestLetters));
        for (var column = 1; column < textColumns; column++)
            widths[column] = Math.Min(widths[column], Math.Max(limit - Gap - widths[0], FewestLetters));
    }

    static List<string> Wrapped(string cell, int width) =>
        cell.Length <= width ? [cell] : [.. Wrapping.Lines(cell, width)];
}
