using Retort.Contracts.Sections;
using Retort.Tensors.Files;

namespace Retort.Report;

/// <summary>A comparison of runs as <c>compare.json</c>, <c>compare.md</c> and <c>compare.html</c>.</summary>
public static class ComparisonPages
{
    // of more pairs the table alone is shown
    const int MostCharts = 3;

    /// <summary>Writes the three into a folder, each whole.</summary>
    public static void Write(RunComparison comparison, string folder)
    {
        Directory.CreateDirectory(folder);
        var document = Sections(comparison);
        AtomicFile.Write(Path.Combine(folder, "compare.json"), comparison.ToJson());
        AtomicFile.Write(Path.Combine(folder, "compare.md"), MarkdownWriter.Write(document));
        AtomicFile.Write(Path.Combine(folder, "compare.html"), HtmlWriter.Write(document));
    }

    /// <summary>
    /// The table of paired differences, cell by cell; the first row has the titles. Empty for no pair.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<string>> PairedRows(RunComparison comparison) =>
        comparison.Paired.Count == 0 ? [] : Texts(Table(comparison));

    /// <summary>
    /// The table of the ranking, cell by cell; the first row has the titles. Empty where there is none.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<string>> RankingRows(RunComparison comparison) =>
        comparison.Ranking is { } ranking ? Texts(RankingPages.Table(ranking)) : [];

    static IReadOnlyList<IReadOnlyList<string>> Texts(TableBlock table) =>
        [table.Head, .. table.Rows.Select(row => (IReadOnlyList<string>)[.. row.Select(cell => cell.Text)])];

    static Document Sections(RunComparison comparison)
    {
        List<Section> sections =
        [
            new("Paired differences", [.. Paired(comparison)]),
            .. comparison.Ranking is { } ranking ? RankingPages.Sections(ranking)
                : [new("Distillation score", new TextBlock(comparison.Unranked!))],
        ];
        return new("Retort comparison", string.Join(", ", comparison.Runs), $"on {comparison.Data}", sections);
    }

    static IEnumerable<Block> Paired(RunComparison comparison)
    {
        var pairs = comparison.Paired;
        if (pairs.Count > 0)
        {
            if (pairs.Count <= MostCharts)
                foreach (var (i, pair) in pairs.Index()) yield return Figure(comparison.Task.PrimaryScore, i, pair);
            yield return Table(comparison);
            yield return TextBlock.Note(Reading(comparison));
        }
        foreach (var note in comparison.PairingNotes.Concat(comparison.Unpaired))
            yield return new TextBlock(TextStyle.Warning, note);
    }

    static ColumnsBlock Figure(Score score, int place, PairedStudents pair) => new(
        [new TextBlock(TextStyle.Lead, pair.Sentence + ".")],
        [
            DifferenceChart.Of(Invariant($"difference-{place}"), $"{pair.First} − {pair.Second}", score,
                [.. pair.Seeds.Select(seed => seed.Difference)], pair.Difference),
        ]);

    static TableBlock Table(RunComparison comparison)
    {
        var score = comparison.Task.PrimaryScore;
        var unit = score.DifferenceUnit() is { Length: > 0 } name ? $", {name}" : "";
        var hasExamples = comparison.Paired.Any(pair => pair.Examples is not null);
        string[] head =
        [
            "First", "Second", "Better", $"First − second, {score.Title}{unit}{score.Direction(" (", ")")}",
            "95 % interval", "Each seed",
            .. hasExamples ? ["Examples only first right", "Examples only second right", "± by examples, points"]
                : Array.Empty<string>(),
        ];
        return new(head, 3, [.. comparison.Paired.Select(pair => (Cell[])
        [
            pair.First, pair.Second, pair.Better ?? "undecided", score.FormatDifference(pair.Difference.Mean),
            pair.Difference is { Low: { } low, High: { } high }
                ? $"{score.FormatDifference(low)} to {score.FormatDifference(high)}" : NumberFormat.None,
            string.Join(", ", pair.Seeds.Select(seed => score.FormatDifference(seed.Difference))),
            .. hasExamples ? Examples(pair) : [],
        ])])
        {
            Style = TableStyle.Names,
        };

        static IEnumerable<Cell> Examples(PairedStudents pair) =>
        [
            NumberFormat.Fixed(pair.Examples!.OnlyFirst, 1), NumberFormat.Fixed(pair.Examples.OnlySecond, 1),
            NumberFormat.Points(pair.Examples.Margin, 2),
        ];
    }

    static string Reading(RunComparison comparison)
    {
        var score = comparison.Task.PrimaryScore;
        return $"{ScoreFormat.Capital(score.Title)} on test"
            + $"{score.Direction(", ")}; the students of a pair share seed, data, initial weights, order and training, "
            + "and the teacher where both have one. The interval is Student's t over the seeds, as in a run's verdict, "
            + "and each holds with 95 % by itself."
            + (comparison.Paired.Any(pair => pair.Examples is not null)
                ? " Examples only first right: test examples, mean over the seeds. ± by examples: other "
                    + "test examples alone move the difference in accuracy by as much."
                : "");
    }
}
