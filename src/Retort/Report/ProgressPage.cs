using Retort.Contracts.Sections;

namespace Retort.Report;

/// <summary>The page of a run that is not finished: how far each network is.</summary>
static class ProgressPage
{
    const int RefreshSeconds = 10;

    public static string Write(ListedRun run, IReadOnlyList<RunCurve> curves)
    {
        var all = run.NetworksInAll > 0 ? Invariant($" of {run.NetworksInAll}") : "";
        var state = run.Running ? "running" : "not finished";
        List<Block> top =
        [
            new TextBlock(TextStyle.Headline, state),
            new TextBlock(TextStyle.Lead, Invariant($"{run.Networks}{all} networks are done.")),
            TextBlock.Note(run.Running
                ? Invariant($"This page loads again every {RefreshSeconds} seconds; the report follows here.")
                : "No process is at work in this folder; `retort run` with --resume goes on with the run."),
        ];
        List<Section> sections = [new("", top) { Verdict = Tone.Neutral }];
        if (curves.Any(curve => curve.Epochs.Count > 0)) sections.Add(new("Networks", Table(run, curves)));
        if (run.Task?.PrimaryScore is { } score && Chart(score, curves) is { } chart)
            sections.Add(new("Learning", Legend(curves), chart));
        return HtmlWriter.Write(new("Retort run", run.Recipe, $"on {run.Data}", sections),
            refreshSeconds: run.Running ? RefreshSeconds : null);
    }

    static TableBlock Table(ListedRun run, IReadOnlyList<RunCurve> curves)
    {
        var primary = run.Task?.PrimaryScore;
        string[] head =
        [
            "Network", "Epochs", "Loss on training (lower is better)",
            .. primary is null ? Array.Empty<string>() : [ScoreFormat.Capital(primary.Heading(" on validation"))],
        ];
        return new(head, 1,
        [
            .. curves.Where(curve => curve.Epochs.Count > 0).Select(curve => (Cell[])
            [
                curve.Part, NumberFormat.Plain(curve.Epochs[^1]),
                curve.Loss is { } loss ? NumberFormat.Three(loss[^1]) : NumberFormat.None,
                .. primary is null ? Array.Empty<Cell>()
                    : [curve.Scores.TryGetValue(primary.Name, out var values)
                        ? primary.Format(values[^1]) : NumberFormat.None],
            ]),
        ]);
    }

    static LegendBlock Legend(IReadOnlyList<RunCurve> curves) => new(
    [
        .. new[] { SeriesStyle.Teacher, SeriesStyle.Control, SeriesStyle.Student }
            .Where(style => curves.Any(curve => StyleOf(curve) == style))
            .Select(style => new LegendEntry(style, style.ToString().ToLowerInvariant())),
    ]);

    static ChartBlock? Chart(Score score, IReadOnlyList<RunCurve> curves)
    {
        List<RunCurve> drawn =
            [.. curves.Where(curve => curve.Epochs.Count > 0 && curve.Scores.ContainsKey(score.Name))];
        if (drawn.Count == 0) return null;

        List<Series> series =
        [
            .. drawn.Select(curve => new Series(StyleOf(curve), [.. curve.Epochs.Select(epoch => (double)epoch)],
                [.. curve.Scores[score.Name].Select(score.ToAxis)]) { Width = 1.5, Opacity = 0.8 }),
        ];
        var epochs = Axis.Around([0, Math.Max(drawn.Max(curve => curve.Epochs[^1]), 4)], "epoch");
        return new("progress", $"{ScoreFormat.Capital(score.Title)} on validation by epoch", epochs,
            Axis.Around([.. series.SelectMany(one => one.Y)], score.Heading()), series)
        {
            Caption = $"{ScoreFormat.Capital(score.Title)} on validation{score.Direction(", ")}, each network a line.",
        };
    }

    static SeriesStyle StyleOf(RunCurve curve) => curve.Role switch
    {
        "teacher" => SeriesStyle.Teacher,
        "control" => SeriesStyle.Control,
        _ => SeriesStyle.Student,
    };
}
