using Retort.Contracts.Sections;

namespace Retort.Report;

/// <summary>The chart of paired differences in the primary score.</summary>
static class DifferenceChart
{
    const double MeanHeight = 0.28;

    /// <summary>Each pair's difference, their mean and its interval, beside 0.</summary>
    /// <param name="id">Tells the chart apart from others of the page.</param>
    /// <param name="title">What is subtracted from what: <c>student − control</c>.</param>
    /// <param name="score">The primary score.</param>
    /// <param name="differences">One for each seed.</param>
    /// <param name="interval">Their mean and its interval.</param>
    public static ChartBlock Of(
        string id, string title, Score score, IReadOnlyList<double> differences, Interval interval)
    {
        List<double> points = [.. differences.Select(score.ToAxis)];
        double[] ends =
        [
            score.ToAxis(interval.Low ?? interval.Mean), score.ToAxis(interval.High ?? interval.Mean),
        ];
        var unit = score.Unit == ScoreUnit.Percent ? "percentage points" + score.Direction(" (", ")") : score.Heading();
        List<Series> series = [new(SeriesStyle.Rule, [0, 0], [0, 1]) { Width = 1.5, Dashed = true }];
        if (interval.Low is not null)
            series.Add(new(SeriesStyle.Student, ends, [MeanHeight, MeanHeight]) { Width = 6, Opacity = 0.35 });
        series.Add(Series.Dot(SeriesStyle.Student, score.ToAxis(interval.Mean), MeanHeight) with { Width = 4.5 });
        for (var i = 0; i < points.Count; i++)                              // apart from each other, also equal ones
            series.Add(Series.Dot(SeriesStyle.Student, points[i], 0.95 - 0.4 * (i + 0.5) / points.Count) with
            {
                Width = 2.4, Opacity = 0.7,
            });
        return new(id, $"Differences in test {score.Title} of each pair, their mean and its 95 % interval",
            Axis.Around([0, .. points, .. ends], $"{title}, {unit}"), new(0, 1, ""), series)
        {
            Width = 400, Height = 120,
            Caption = $"Above: each of {points.Count} pairs. Below: their mean"
                + $"{(interval.Low is null ? "" : " and its 95 % interval")}.",
        };
    }
}
