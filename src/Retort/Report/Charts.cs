using Retort.Runs;
using Retort.Runtime.Metrics;
using Retort.Training;

namespace Retort.Report;

/// <summary>The pictures of a report.</summary>
static class Charts
{
    /// <summary>Each pair's difference, their mean and its interval, beside 0; percentage points.</summary>
    public static Html Differences(IReadOnlyList<Pair> pairs, Interval interval)
    {
        var points = pairs.Select(pair => 100 * pair.Difference).ToList();
        var ends = new[] { interval.Low ?? interval.Mean, interval.High ?? interval.Mean }.Select(end => 100 * end).ToList();
        using var chart = new Chart(Axis.Around([0, .. points, .. ends], "student − control, percentage points"),
            new(0, 1, "", [], _ => ""), 400, 120, marksLeft: false);
        chart.Post(0, SeriesStyle.Rule);
        if (interval.Low is not null) chart.Line(ends, [0.28, 0.28], SeriesStyle.Student, 6, 0.35);
        chart.Line([100 * interval.Mean], [0.28], SeriesStyle.Student, 4.5f);
        for (var i = 0; i < points.Count; i++)                                   // one above the other: equal ones stay apart
            chart.Line([points[i]], [0.95 - 0.4 * (i + 0.5) / points.Count], SeriesStyle.Student, 2.4f, 0.7);
        return chart.Drawn("differences", "Differences in test accuracy of each pair, their mean and its 95 % interval");
    }

    /// <summary>Accuracy on validation, epoch by epoch: each seed thin, their mean bold, the teacher's best a dashed line.</summary>
    public static Html Accuracies(RunData run, Results results) => Curves("accuracies", "Accuracy on validation by epoch", "%",
        run, line => 100 * line.Validation["accuracy"], 100 * results.Teacher?.Validation.Accuracy.Mean);

    /// <summary>NLL on validation, epoch by epoch.</summary>
    public static Html Losses(RunData run, Results results) => Curves("losses", "NLL on validation by epoch", "nats",
        run, line => line.Validation["nll"], results.Teacher?.Validation.Nll.Mean);

    static Html Curves(string id, string label, string unit, RunData run, Func<EpochMetrics, double> figure, double? teacher)
    {
        var groups = new[] { (SeriesStyle.Control, run.Controls), (SeriesStyle.Student, run.Students) };
        var lines = groups.SelectMany(group => group.Item2).SelectMany(network => network.Epochs).ToList();
        List<double> heights = [.. lines.Select(figure)];
        if (teacher is { } level) heights.Add(level);
        using var chart = new Chart(Whole(lines.Max(line => line.Epoch), "epoch"), Axis.Around(heights, unit));
        if (teacher is { } dashed) chart.Level(dashed, SeriesStyle.Teacher);
        foreach (var (ink, networks) in groups)
        {
            if (networks.Count > 1)
                foreach (var network in networks) chart.Line(Epochs(network), [.. network.Epochs.Select(figure)], ink, 1, 0.4);
            if (networks.Count == 0) continue;
            var mean = networks.SelectMany(network => network.Epochs).GroupBy(line => line.Epoch).OrderBy(epoch => epoch.Key).ToList();
            chart.Line([.. mean.Select(epoch => (double)epoch.Key)], [.. mean.Select(epoch => epoch.Average(figure))], ink, 2.4f);
        }
        return chart.Drawn(id, label);

        static Axis Whole(int last, string title)
        {
            var round = Axis.Around([0, Math.Max(last, 4)], title);
            return round with { High = last, Ticks = [.. round.Ticks.Where(tick => tick <= last)] };
        }

        static List<double> Epochs(NetworkData network) => [.. network.Epochs.Select(line => (double)line.Epoch)];
    }

    /// <summary>The trials of a search as lines over parallel axes, one an option, the accuracy on validation last.</summary>
    public static Html Parallel(SearchedSide side)
    {
        List<ParallelAxis> axes = [.. ParallelAxis.Of(side)];
        var (last, longest) = (axes.Count - 1, side.Trials.Max(trial => trial.Scores[^1].Epochs));
        using var chart = new Chart(new(-0.4, last + 0.4, "", [.. axes.Select((_, i) => (double)i)], place => axes[(int)place].Title.Split('.')[^1]),
            new(-0.02, 1.1, "", [], _ => ""), 200 * axes.Count, 280, marksLeft: false);
        for (var i = 0; i < axes.Count; i++)
        {
            chart.Line([i, i], [0, 1], SeriesStyle.Rule, 1);
            chart.Note(i, 1, axes[i].Head);
            chart.Note(i - 0.12, 0, axes[i].Foot);
        }
        foreach (var trial in side.Trials.OrderBy(trial => trial.Number == side.Chosen))
            chart.Line([.. axes.Select((_, i) => (double)i)], [.. axes.Select(axis => axis.Places[trial.Number - 1])], SeriesStyle.Student,
                trial.Number == side.Chosen ? 3.5f : 1.2f, trial.Number == side.Chosen ? 1 : trial.Scores[^1].Epochs < longest ? 0.2 : 0.5);
        return chart.Drawn("search", "Trials of the search: their options and their accuracy on validation");
    }

    /// <summary>How often answers of each confidence are right; on the diagonal a network is right as often as it says.</summary>
    public static Html Reliability(Results results)
    {
        double[] tenths = [0, 0.2, 0.4, 0.6, 0.8, 1];
        using var chart = new Chart(new(0, 1, "confidence, %", tenths, Percent), new(0, 1, "right, %", tenths, Percent));
        chart.Line([0, 1], [0, 1], SeriesStyle.Rule, 1.2f, dashed: true);
        (SeriesStyle, ModelResults?)[] contestants = [(SeriesStyle.Teacher, results.Teacher), (SeriesStyle.Control, results.Control), (SeriesStyle.Student, results.Student)];
        foreach (var (ink, one) in contestants)
        {
            List<ConfidenceBin> bins = [.. one?.Reliability.Where(bin => bin.Count > 0) ?? []];
            if (bins.Count == 0) continue;
            chart.Line([.. bins.Select(bin => bin.Confidence)], [.. bins.Select(bin => bin.Accuracy)], ink, 1.4f, 0.7);
            var answers = bins.Sum(bin => bin.Count);
            foreach (var bin in bins)                                            // a dot's area is its share of the answers
                chart.Line([bin.Confidence], [bin.Accuracy], ink, 1.2f + 3.6f * MathF.Sqrt((float)bin.Count / answers), 0.85);
        }
        return chart.Drawn("reliability", "How often answers of each confidence are right");

        static string Percent(double share) => NumberFormat.Fixed(100 * share, 0);
    }
}
