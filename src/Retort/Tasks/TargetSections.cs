using Retort.Contracts.Sections;

namespace Retort.Tasks;

/// <summary>The section of a report that has a row for each label or value.</summary>
static class TargetSections
{
    const int MostTargets = 50, MostCharts = 3, MostDots = 400;

    /// <summary>A table of the scores of each label or value.</summary>
    public static TableBlock Table(string name, TargetDetails details, IReadOnlyList<Score> scores)
    {
        var first = details.Targets[0];
        List<(string Name, Func<TargetScores, IReadOnlyDictionary<string, double>?> Scores)> models = [];
        if (first.Teacher is not null) models.Add(("teacher", target => target.Teacher));
        if (first.Control is not null) models.Add(("control", target => target.Control));
        models.Add(("student", target => target.Student));
        List<string> head = [name, "Known"];
        if (first.Positive is not null) head.Add("Positive");
        foreach (var score in scores) head.AddRange(models.Select(model => $"{score.Heading()}: {model.Name}"));
        return new(head, 1, [.. details.Targets.Take(MostTargets).Select(target => Row(target).ToList())])
        {
            Caption = details.Targets.Count <= MostTargets ? ""
                : $"The first {MostTargets} of {details.Targets.Count}; results.json has all.",
        };

        IEnumerable<Cell> Row(TargetScores target)
        {
            yield return target.Name;
            yield return NumberFormat.Count(target.Known);
            if (target.Positive is { } positive) yield return NumberFormat.Count(positive);
            foreach (var score in scores)
                foreach (var model in models) yield return score.Format(model.Scores(target)![score.Name]);
        }
    }

    /// <summary>The students' predictions against the known values, a chart for each of the first values.</summary>
    public static RowBlock Scatter(RunPredictions run) =>
        new([.. run.Data.Classes.Take(MostCharts).Select((name, column) => Scatter(run, name, column))]);

    static ChartBlock Scatter(RunPredictions run, string name, int column)
    {
        var test = run.Students[0].Test;
        List<int> known = [.. Enumerable.Range(0, test.Count).Where(i => !float.IsNaN(Target(i)))];
        var step = Math.Max(1, (known.Count + MostDots - 1) / MostDots);
        List<(double Known, double Predicted)> dots =
            [.. known.Where((_, i) => i % step == 0).Select(i => ((double)Target(i), Predicted(i)))];
        if (dots.Count == 0) dots.Add((0, 0));
        var axis = Axis.Around([.. dots.SelectMany(dot => new[] { dot.Known, dot.Predicted })], "");
        List<Series> series = [new(SeriesStyle.Rule, [axis.Low, axis.High], [axis.Low, axis.High]) { Dashed = true }];
        series.AddRange(dots.Select(dot => Series.Dot(SeriesStyle.Student, dot.Known, dot.Predicted) with
        {
            Width = 1.2, Opacity = 0.6,
        }));
        return new($"scatter-{column}", $"Predicted against known {name}",
            axis with { Title = $"{name}, known" }, axis with { Title = "predicted" }, series)
        {
            Caption = $"{name} on test: {dots.Count} examples, each dot the mean over the students.",
        };

        float Target(int i) => test.Targets![i * test.Width + column];

        double Predicted(int i) => run.Students.Average(student => student.Test.Values[i * test.Width + column]);
    }
}
