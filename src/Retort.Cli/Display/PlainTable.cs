namespace Retort.Cli.Display;

/// <summary>A table in plain text: columns two spaces apart, figures to the right.</summary>
static class PlainTable
{
    /// <summary>The lines; the first <paramref name="words"/> columns hold words, the rest figures.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<string> head, int words, IEnumerable<IReadOnlyList<string>> rows)
    {
        List<IReadOnlyList<string>> all = [head, .. rows];
        var widths = Enumerable.Range(0, head.Count).Select(column => all.Max(row => row[column].Length)).ToList();
        foreach (var row in all)
            yield return string.Join("  ", row.Select((cell, column) => column < words ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd();
    }
}
