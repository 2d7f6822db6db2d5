using Retort.Contracts.Sections;
using Retort.Runs;
using Retort.Training;

namespace Retort.Report;

/// <summary>The charts of a run's report.</summary>
sealed class RunCharts(Results results, RunData run)
{
    /// <summary>The scores that select on validation, epoch by epoch: each seed thin, their mean bold.</summary>
    public IReadOnlyList<ChartBlock> Learning()
    {
        List<EpochMetrics> lines = [.. run.Controls.Concat(run.Students).SelectMany(network => network.Epochs)];
        return
        [
            .. new[] { run.Task.Primary, run.Task.TieBreaker }.OfType<Score>()
                .Where(score => lines.All(line => line.Validation.ContainsKey(score.Name)))
                .Select((score, i) => Curves(score, lines, i == 0)),
        ];
    }

    ChartBlock Curves(Score score, List<EpochMetrics> lines, bool first)
    {
        var teacher = results.Teacher?.Validation.GetValueOrDefault(score.Name)?.Mean;
        List<double> heights = [.. lines.Select(Value)];
        if (teacher is { } mean) heights.Add(score.ToAxis(mean));

        var epochs = EpochAxis(lines.Max(line => line.Epoch));
        List<Series> series = [];
        if (teacher is { } level) series.Add(
            new(SeriesStyle.Teacher, [epochs.Low, epochs.High], [score.ToAxis(level), score.ToAxis(level)])
            {
                Width = 1.5, Dashed = true,
            });
        var sides = new[] { (SeriesStyle.Control, run.Controls), (SeriesStyle.Student, run.Students) };
        foreach (var (style, networks) in sides)
        {
            if (networks.Count == 0) continue;

            if (networks.Count > 1) series.AddRange(networks.Select(network => new Series(style,
                [.. network.Epochs.Select(line => (double)line.Epoch)], [.. network.Epochs.Select(Value)])
            {
                Width = 1, Opacity = 0.4,
            }));
            var byEpoch = networks.SelectMany(network => network.Epochs).GroupBy(line => line.Epoch)
                .OrderBy(epoch => epoch.Key).ToList();
            series.Add(new(style, [.. byEpoch.Select(epoch => (double)epoch.Key)],
                [.. byEpoch.Select(epoch => epoch.Average(Value))])
            {
                Width = 2.4,
            });
        }
        var seeds = first && run.Students.Count > 1 ? ": each seed thin, their mean bold" : "";
        var dashed = !first && teacher is not null ? "; dashed: the teacher at its best" : "";
        var unit = score.Unit switch { ScoreUnit.Percent => "%", ScoreUnit.Nats => "nats", _ => "" };
        return new($"learning-{score.Name}", $"{ScoreFormat.Capital(score.Title)} on validation by epoch",
            epochs, Axis.Around(heights, unit), series)
        {
            Caption = $"{ScoreFormat.Capital(score.Title)} on validation{seeds}{dashed}.",
        };

        double Value(EpochMetrics line) => score.ToAxis(line.Validation[score.Name]);
    }

    static Axis EpochAxis(int last)
    {
        var round = Axis.Around([0, Math.Max(last, 4)], "epoch");
        return round with { High = last, Marks = [.. round.Marks.Where(mark => mark.Value <= last)] };
    }

    /// <summary>
    /// The trials of a search as lines over parallel axes, one an option, the score on validation last.
    /// </summary>
    public ChartBlock Parallel(SearchedSide side)
    {
        List<ParallelAxis> axes = [.. ParallelAxis.Of(side, run.Task.Primary)];
        var longest = side.Trials.Max(trial => trial.Scores[^1].Epochs);
        List<double> places = [.. axes.Select((_, i) => (double)i)];
        List<Series> series = [.. places.Select(x => new Series(SeriesStyle.Rule, [x, x], [0, 1]) { Width = 1 })];
        foreach (var trial in side.Trials.OrderBy(trial => trial.Number == side.Chosen))
        {
            var chosen = trial.Number == side.Chosen;
            var stopped = trial.Scores[^1].Epochs < longest;
            series.Add(new(SeriesStyle.Student, places, [.. axes.Select(axis => axis.Places[trial.Number - 1])])
            {
                Width = chosen ? 3.5 : 1.2, Opacity = chosen ? 1 : stopped ? 0.2 : 0.5,
            });
        }
        return new("search", $"Trials of the search: their options and their {run.Task.Primary.Title} on validation",
            new(-0.4, axes.Count - 0.6, "", [.. axes.Select((axis, i) => new AxisMark(i, axis.Title.Split('.')[^1]))]),
            new(-0.02, 1.1, ""), series)
        {
            Width = 200 * axes.Count, Height = 280, Wide = true,
            Notes =
            [
                .. axes.SelectMany((axis, i) => new ChartNote[] { new(i, 1, axis.High), new(i - 0.12, 0, axis.Low) }),
            ],
            Caption = "Each line is a trial of the student: its options, and at the right its score on validation. "
                + "Bold: the one chosen; faint: stopped before the end.",
        };
    }
}
