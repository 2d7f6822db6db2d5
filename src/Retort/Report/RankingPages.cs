using System.Text.Json;
using Retort.Runs;
using Retort.Tensors.Files;

namespace Retort.Report;

/// <summary>A ranking as <c>compare.json</c>, <c>compare.md</c> and <c>compare.html</c>.</summary>
public static class RankingPages
{
    /// <summary>Writes the three into a folder, each whole.</summary>
    public static void Write(Ranking ranking, string folder)
    {
        Directory.CreateDirectory(folder);
        AtomicFile.Write(Path.Combine(folder, "compare.json"), JsonSerializer.Serialize(ranking, Json.Indented) + "\n");
        AtomicFile.Write(Path.Combine(folder, "compare.md"), Markdown(ranking));
        AtomicFile.Write(Path.Combine(folder, "compare.html"), Html(ranking).Text);
    }

    /// <summary>Its table, cell by cell; the first row are the titles.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Rows(Ranking ranking) => [Table(ranking).Head, .. Table(ranking).Rows];

    static string Markdown(Ranking ranking) => string.Join("\n",
    [
        "# Comparison by distillation score", "", MarkdownPage.Safe(Sentence(ranking)), "",
        .. MarkdownPage.Lines(Table(ranking)), "",
        .. ranking.Warnings.Select(warning => $"- {MarkdownPage.Safe(warning)}"), "",
        .. ranking.Turns.Count == 0 ? Array.Empty<string>() : ["Where two change places:", "", .. MarkdownPage.Lines(Turns(ranking)), ""],
    ]);

    static Html Html(Ranking ranking) => HtmlPage.Framed("Comparison by distillation score", Report.Html.Of($"""
        <header><p class="over">Retort comparison</p><h1>{ranking.Students[0].Run} <span>has the lowest distillation score</span></h1></header>
        <main>
        <section><h2>Ranking</h2>
        <p class="note">{Sentence(ranking)}</p>
        {HtmlPieces.Table(Table(ranking), "names")}
        <p class="note">● no other student is as small and as accurate, and better in one of the two.</p>
        {Report.Html.Each(ranking.Warnings, warning => Report.Html.Of($"""<p class="warning">{warning}</p>"""))}
        </section>
        <section><h2>Size against accuracy</h2>
        <p class="key"><span class="teacher">teacher</span><span class="control">control</span><span class="student">student, with its place</span></p>
        <figure class="broad">{RankingChart.Of(ranking)}<figcaption>The line joins the students that none surpasses in both. Size on a scale of ratios.</figcaption></figure>
        </section>
        {(ranking.Turns.Count == 0 ? Report.Html.Nothing : Report.Html.Of($"""<section><h2>Where two change places</h2>{HtmlPieces.Table(Turns(ranking), "narrow")}</section>"""))}
        </main>
        """));

    static string Sentence(Ranking ranking) => FormattableString.Invariant($"α · size ratio + (1 − α) · relative loss of accuracy, α = {ranking.Alpha:0.##}; lower is better. ")
        + $"Sizes in {Unit(ranking.Unit)}; the teacher is that of {ranking.Teacher.Run}: {NumberFormat.Percent(ranking.Teacher.Accuracy)} %, {NumberFormat.Short(ranking.Teacher.Size)}. "
        + "Accuracy on test; scores are computed for each seed, then averaged (± standard deviation).";

    static string Unit(SizeUnit unit) => unit switch { SizeUnit.Bytes => "bytes", SizeUnit.MultiplyAdds => "multiply-adds of one example", _ => "parameters" };

    static Table Table(Ranking ranking) => new(
        ["", "Run", "Method", "Score", "Size", "Size ratio", "Accuracy, %", "Worst class, %", "Control, %", "Score − control's"], 3,
        [.. ranking.Students.Select((one, i) => (string[])
        [
            one.OnFront ? $"{i + 1} ●" : $"{i + 1}", one.Run, one.Method["name"]?.ToString() ?? "–", Scored(one.Score), NumberFormat.Short(one.Size), NumberFormat.Fixed(one.SizeRatio, 4), Tables.Share(one.Accuracy),
            Tables.Share(one.WorstClass), one.ControlAccuracy is { } control ? Tables.Share(control) : "–", one.Difference is { } difference ? Within(difference) : "–",
        ])]);

    static Table Turns(Ranking ranking) => new(["α", "One", "Other"], 3, [.. ranking.Turns.Select(turn => (string[])[NumberFormat.Fixed(turn.Alpha, 4), turn.One, turn.Other])]);

    static string Scored(SeedStatistics score) => NumberFormat.Fixed(score.Mean, 4) + (score.Sd is { } sd ? " ± " + NumberFormat.Fixed(sd, 4) : "");

    static string Within(Interval difference) => NumberFormat.Fixed(difference.Mean, 4)
        + (difference is { Low: { } low, High: { } high } ? $" ({NumberFormat.Fixed(low, 4)} to {NumberFormat.Fixed(high, 4)})" : "");
}
