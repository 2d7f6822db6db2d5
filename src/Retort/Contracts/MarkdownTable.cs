namespace Retort.Contracts;

/// <summary>Tables in Markdown. Cells are written as they are: text that may hold markup is escaped first.</summary>
public static class MarkdownTable
{
    /// <summary>The lines of a table. The first columns hold text, the others right-aligned numbers.</summary>
    /// <param name="head">The columns' titles.</param>
    /// <param name="textColumns">How many columns hold text.</param>
    /// <param name="rows">The rows, each with a cell for each column.</param>
    /// <param name="spacedRule">Whether the rule below the titles has spaces in it, as the rows have.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<string> head, int textColumns,
        IEnumerable<IReadOnlyList<string>> rows, bool spacedRule = false)
    {
        var rule = head.Select((_, column) => column < textColumns ? "---" : "---:").ToList();
        return [Row(head), spacedRule ? Row(rule) : $"|{string.Join('|', rule)}|", .. rows.Select(Row)];
    }

    static string Row(IReadOnlyList<string> cells) => $"| {string.Join(" | ", cells)} |";
}
