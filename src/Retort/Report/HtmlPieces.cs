using Retort.Runs;
namespace Retort.Report;

/// <summary>What stands in several places of the page.</summary>
static class HtmlPieces
{
    /// <summary>Whose colour is whose; nothing where there is one alone.</summary>
    public static Html Key(Results r) => r.Control is null ? Html.Nothing
        : new($"""<p class="key">{(r.Teacher is null ? "" : """<span class="teacher">teacher</span>""")}<span class="control">control</span><span class="student">student</span></p>""");

    /// <summary>A table; what follows a ± is set smaller.</summary>
    public static Html Table(Table table, string kind = "") => Html.Of($"""
        <div class="wide"><table class="{kind}">
        {(table.Head.All(title => title.Length == 0) ? Html.Nothing : Head(table))}
        <tbody>{Html.Each(table.Rows, row => Html.Of($"<tr>{Html.Each(row.Index(), cell => Cell(table, cell.Index, cell.Item))}</tr>\n"))}</tbody>
        </table></div>
        """);

    static Html Head(Table table) => Html.Of($"""
        <thead><tr>{Html.Each(table.Head.Index(), cell => Html.Of($"""<th scope="col" class="{Side(table, cell.Index)}">{cell.Item}</th>"""))}</tr></thead>
        """);

    static Html Cell(Table table, int column, string text)
    {
        if (column == 0) return Html.Of($"""<th scope="row">{text}</th>""");
        var at = text.IndexOf(" ± ", StringComparison.Ordinal);
        return at < 0 ? Html.Of($"""<td class="{Side(table, column)}">{text}</td>""")
            : Html.Of($"""<td class="{Side(table, column)}">{text[..at]} <small>{text[(at + 1)..]}</small></td>""");
    }

    static string Side(Table table, int column) => column < table.Words ? "word" : "";
}
