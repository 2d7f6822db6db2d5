using Retort.Contracts.Sections;

namespace Retort.Report;

/// <summary>The sections of a ranking by the distillation score.</summary>
static class RankingPages
{
    const string OnFront = " ●";

    /// <summary>The table, a size-against-score chart, and where two students change places.</summary>
    public static IReadOnlyList<Section> Sections(Ranking ranking)
    {
        List<Section> sections =
        [
            new("Distillation score",
            [
                TextBlock.Note(Introduction(ranking)),
                Table(ranking),
                TextBlock.Note(
                    $"{OnFront.Trim()} no other student is as small and as good, and better in one of the two."),
                .. ranking.Warnings.Select(warning => new TextBlock(TextStyle.Warning, warning)),
            ]),
            new($"Size against {ranking.Task.PrimaryScore.Title}",
                new LegendBlock(new(SeriesStyle.Teacher, "teacher"), new(SeriesStyle.Control, "control"),
                    new(SeriesStyle.Student, "student, with its place")),
                Chart(ranking)),
        ];
        if (ranking.Turns.Count > 0) sections.Add(new("Where two change places", Turns(ranking)));
        return sections;
    }

    static string Introduction(Ranking ranking)
    {
        var (primary, teacher) = (ranking.Task.PrimaryScore, ranking.Teacher);
        var unit = Unit(ranking.Unit) + (ranking.Unit == SizeUnit.MultiplyAdds ? " of one example" : "");
        return Invariant($"α · size ratio + (1 − α) · relative loss of {primary.Title}, α = {ranking.Alpha:0.##}; ")
            + $"lower is better. Sizes in {unit}; the teacher is that of {teacher.Run}: "
            + $"{primary.Format(teacher.Primary)} %, {NumberFormat.Short(teacher.Size)}. "
            + $"{ScoreFormat.Capital(primary.Title)} on test; scores are computed for each seed, then averaged "
            + "(± standard deviation).";
    }

    static string Unit(SizeUnit unit) => unit switch
    {
        SizeUnit.Bytes => "bytes",
        SizeUnit.MultiplyAdds => "multiply-adds",
        _ => "parameters",
    };

    /// <summary>The students in their order.</summary>
    public static TableBlock Table(Ranking ranking)
    {
        var primary = ranking.Task.PrimaryScore;
        var hasWorst = ranking.Students.Any(one => one.WorstClass is not null);
        string[] head =
        [
            "", "Run", "Method", "Score (lower is better)", "Size", "Size ratio",
            ScoreFormat.Capital(primary.Heading()), .. hasWorst ? ["Worst class, %"] : Array.Empty<string>(),
            "Control, %", "Score − control's (lower is better)",
        ];
        return new(head, 3, [.. ranking.Students.Select((one, i) => (Cell[])
        [
            $"{i + 1}{(one.OnFront ? OnFront : "")}", one.Run, one.Method["name"]?.ToString() ?? NumberFormat.None,
            NumberFormat.Fixed(one.Score, 4), NumberFormat.Short(one.Size), NumberFormat.Fixed(one.SizeRatio, 4),
            primary.Format(one.Primary), .. hasWorst ? [Percent(one.WorstClass)] : Array.Empty<string>(),
            Percent(one.ControlPrimary), one.Difference is { } difference ? Within(difference) : NumberFormat.None,
        ])])
        {
            Style = TableStyle.Names,
        };

        static string Percent(SeedStatistics? shares) =>
            shares is null ? NumberFormat.None : NumberFormat.Percent(shares);
    }

    static string Within(Interval difference) => NumberFormat.Fixed(difference.Mean, 4)
        + (difference is { Low: { } low, High: { } high }
            ? $" ({NumberFormat.Fixed(low, 4)} to {NumberFormat.Fixed(high, 4)})" : "");

    static TableBlock Turns(Ranking ranking) => new(["α", "One", "Other"], 3,
        [.. ranking.Turns.Select(turn => (Cell[])[NumberFormat.Fixed(turn.Alpha, 4), turn.One, turn.Other])])
    {
        Style = TableStyle.Narrow,
    };

    /// <summary>
    /// Size against the primary score: teacher, students with their place, their controls, and the front.
    /// </summary>
    static ChartBlock Chart(Ranking ranking)
    {
        var (primary, students) = (ranking.Task.PrimaryScore, ranking.Students);
        var (teacherX, teacherY) = (X(ranking.Teacher.Size), primary.ToAxis(ranking.Teacher.Primary));
        var front = students.Where(one => one.OnFront).OrderBy(one => one.Size).ToList();
        List<Series> series =
        [
            new(SeriesStyle.Student, [.. front.Select(one => X(one.Size))], [.. front.Select(one => Y(one.Primary))])
            {
                Width = 1.2, Opacity = 0.6,
            },
            Series.Dot(SeriesStyle.Teacher, teacherX, teacherY) with { Width = 4 },
        ];
        foreach (var one in students)
        {
            if (one.ControlPrimary is { } control)
                series.Add(Series.Dot(SeriesStyle.Control, X(one.Size), Y(control)) with
                {
                    Width = 2.6, Opacity = 0.8,
                });
            series.Add(Series.Dot(SeriesStyle.Student, X(one.Size), Y(one.Primary)) with { Width = 3.4 });
        }
        List<double> heights =
        [
            teacherY, .. students.Select(one => Y(one.Primary)),
            .. students.Select(one => one.ControlPrimary).OfType<SeedStatistics>().Select(Y),
        ];
        return new("ranking", $"Size against test {primary.Title} of the teacher, the students and their controls",
            SizeAxis([teacherX, .. students.Select(one => X(one.Size))], Unit(ranking.Unit)),
            Axis.Around(heights, primary.Heading()), series)
        {
            Width = 860, Height = 360, Wide = true,
            Notes = [.. students.Select((one, i) => new ChartNote(X(one.Size), Y(one.Primary), $"{i + 1}"))],
            Caption = "The line joins the students that none surpasses in both. Sizes are on a logarithmic scale.",
        };

        static double X(long size) => Math.Log10(Math.Max(size, 1));
        double Y(SeedStatistics values) => primary.ToAxis(values.Mean);
    }

    // whole powers of ten are marked
    static Axis SizeAxis(IReadOnlyList<double> sizes, string title)
    {
        var (low, high) = (sizes.Min() - 0.15, sizes.Max() + 0.15);
        var (from, to) = ((int)Math.Ceiling(low), (int)Math.Floor(high));
        var marks = Enumerable.Range(from, Math.Max(to - from + 1, 0))
            .Select(power => new AxisMark(power, NumberFormat.Short((long)Math.Pow(10, power))));
        return new(low, high, title, [.. marks]);
    }
}
