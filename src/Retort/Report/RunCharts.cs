using Retort.Contracts.Sections;
using Retort.Runs;

namespace Retort.Report;

/// <summary>The charts of a run's report.</summary>
sealed class RunCharts(RunData run)
{
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
