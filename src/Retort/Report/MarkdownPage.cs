using System.Text;
using Retort.Runs;

namespace Retort.Report;

/// <summary>The report as Markdown tables.</summary>
static class MarkdownPage
{
    public static string Of(Results results) => string.Join("\n", Lines(results)) + "\n";

    static IEnumerable<string> Lines(Results r) =>
    [
        $"# {Safe(r.Recipe.Name)} on {Safe(r.Data.Name)}", "",
        r.Verdict is { } verdict
            ? $"**{Tables.Name(verdict.Outcome)}** — {Tables.WithoutBadge(verdict)}."
            : $"Test accuracy {Tables.Share(r.Student.Accuracy)} %.", "",
        .. r.GapClosed is { } gap ? [Tables.Gap(gap), ""] : Array.Empty<string>(),
        .. Section("Figures", Tables.Figures(r)),
        $"Mean ± standard deviation (n − 1) over {NumberFormat.Seeds(r.Seeds)}; {Tables.Weights(r)}.", "",
        .. Section("Size and speed", Tables.Costs(r)),
        Tables.LatencyNote(r), "",
        .. Section("Pairs", Tables.Pairs(r)),
        .. r.Pairs is null ? Array.Empty<string>() : [Tables.PairsNote(r), ""],
        .. Section("Stages", Tables.Stages(r)),
        .. Section("How sure of what was learned from", Tables.Sureness(r)),
        .. Tables.Sureness(r) is null ? Array.Empty<string>() : [Tables.SurenessNote, ""],
        .. Section("Search of the learning rate (accuracy on validation, %)", Tables.Tuning(r)),
        .. r.Search is not { } search ? Array.Empty<string>() :
        [
            .. Section("Search: the student's trials", Tables.Search(search.Student)),
            .. search.Control is null ? [] : Section("Search: the control's trials", Tables.Search(search.Control)),
            Tables.SearchNote(search), "",
        ],
        .. Section("Calibration on test", Tables.Reliability(r)),
        .. Section("Classes (accuracy on test, %)", Tables.Classes(r)),
        .. Section("Most frequent confusions (share of the class, %)", Tables.Confusions(r)),
        .. Section("What the student gets wrong and the teacher right", Tables.Misses(r)),
        .. Section("Where it comes from", Tables.Provenance(r)),
    ];

    public static IEnumerable<string> Section(string title, Table? table) => table is null ? [] : [$"## {title}", "", .. Lines(table), ""];

    /// <summary>A table's lines.</summary>
    public static IEnumerable<string> Lines(Table table) =>
    [
        Row(table.Head),
        Row([.. table.Head.Select((_, column) => column < table.Words ? "---" : "---:")]),
        .. table.Rows.Select(row => Row([.. row.Select(Safe)])),
    ];

    static string Row(IReadOnlyList<string> cells) => $"| {string.Join(" | ", cells)} |";

    // a name may hold what Markdown or the HTML in it would take for its own
    public static string Safe(string text)
    {
        var safe = new StringBuilder();
        foreach (var c in text.ReplaceLineEndings(" "))
            safe.Append(c switch { '&' => "&amp;", '<' => "&lt;", '\\' or '|' or '*' or '_' or '`' or '[' => $"\\{c}", _ => $"{c}" });
        return safe.ToString();
    }
}
