using Retort.Contracts.Sections;
using Retort.Runtime.Metrics;

namespace Retort.Tasks;

/// <summary>The sections of a report that only classification has.</summary>
sealed class ClassificationSections(RunPredictions run, ClassificationDetails details, ConfusionShares shares)
{
    const int MostClasses = 24;
    const string MapNote = "Row: the class; column: what it is predicted as; percent of the row, all seeds together";

    readonly IReadOnlyList<(string Name, SeriesStyle Style, ModelDetails Details)> _models =
    [
        .. details.Teacher is { } teacher
            ? [("Teacher", SeriesStyle.Teacher, teacher)] : Array.Empty<(string, SeriesStyle, ModelDetails)>(),
        .. details.Control is { } control
            ? [("Control", SeriesStyle.Control, control)] : Array.Empty<(string, SeriesStyle, ModelDetails)>(),
        ("Student", SeriesStyle.Student, details.Student),
    ];

    public IEnumerable<Section> All()
    {
        yield return new("Calibration on test", Legend(), new ColumnsBlock([Reliability()], Scaled()));
        if (ConfidenceTable() is { } table)
            yield return new("Confidence in the training labels", table, ConfidenceNote);

        yield return new("Classes", Legend(), new ColumnsBlock([ClassDots()],
            [details.Classes.Count <= MostClasses ? ConfusionMaps() : ConfusionTable() ?? NoConfusion]));
        if (run.Teacher is null) yield break;

        Block examples = details.Misclassified.Count == 0 ? new TextBlock("Nothing in the test set.") : Gallery();
        yield return new("What the student gets wrong and the teacher right", examples);
    }

    static Block NoConfusion => new TextBlock("No student confuses any classes.");

    LegendBlock Legend() =>
        new([.. _models.Select(model => new LegendEntry(model.Style, model.Name.ToLowerInvariant()))]);

    // on the diagonal confidence is accuracy; a dot's area is its share of the predictions
    ChartBlock Reliability()
    {
        List<AxisMark> fifths =
            [.. Enumerable.Range(0, 6).Select(i => new AxisMark(i / 5.0, NumberFormat.Fixed(20 * i, 0)))];
        List<Series> series = [new(SeriesStyle.Rule, [0, 1], [0, 1]) { Width = 1.2, Dashed = true }];
        foreach (var (_, style, model) in _models)
        {
            List<ConfidenceBin> bins = [.. model.Reliability.Where(bin => bin.Count > 0)];
            if (bins.Count == 0) continue;

            series.Add(new(style, [.. bins.Select(bin => bin.Confidence)], [.. bins.Select(bin => bin.Accuracy)])
            {
                Width = 1.4, Opacity = 0.7,
            });
            double all = bins.Sum(bin => bin.Count);
            series.AddRange(bins.Select(bin => Series.Dot(style, bin.Confidence, bin.Accuracy) with
            {
                Width = 1.2 + 3.6 * Math.Sqrt(bin.Count / all), Opacity = 0.85,
            }));
        }
        return new("reliability", "Accuracy of predictions by their confidence",
            new(0, 1, "confidence, %", fifths), new(0, 1, "accuracy, %", fifths), series)
        {
            Caption = "On the dashed line a network is right as often as its confidence says; below it, it is "
                + "overconfident. The larger a dot, the more predictions.",
            Table = ReliabilityTable(),
        };
    }

    TableBlock ReliabilityTable()
    {
        var bins = details.Student.Reliability;
        var columns = _models.SelectMany(model => new[] { $"{model.Name}: predictions", "accuracy, %" });
        return new(["Confidence, %", .. columns], 1,
        [
            .. bins.Select((bin, k) => (IReadOnlyList<Cell>)
            [
                $"{NumberFormat.Percent(bin.Low, 0)} to {NumberFormat.Percent(bin.High, 0)}",
                .. _models.Select(model => model.Details.Reliability[k]).SelectMany(one => new Cell[]
                {
                    NumberFormat.Count(one.Count),
                    one.Count == 0 ? NumberFormat.None : NumberFormat.Percent(one.Accuracy, 1),
                }),
            ]),
        ]);
    }

    IReadOnlyList<Block> Scaled()
    {
        if (_models.Any(model => model.Details.Scaled is null)) return [];

        return
        [
            new TableBlock(["", .. _models.Select(model => model.Name)], 1,
            [
                Row("NLL, nats (lower is better)", scaled => NumberFormat.Fixed(scaled.Nll, 4)),
                Row("ECE, % (lower is better)", scaled => NumberFormat.Percent(scaled.Ece)),
                Row("Temperature", scaled => NumberFormat.Three(scaled.Temperature)),
            ])
            {
                Caption = "After temperature scaling",
            },
            TextBlock.Note("Logits are divided by the temperature with the lowest NLL on validation; accuracy stays."),
        ];

        IReadOnlyList<Cell> Row(string name, Func<ScaledScores, string> text) =>
            [name, .. _models.Select(model => (Cell)text(model.Details.Scaled!))];
    }

    TableBlock? ConfidenceTable()
    {
        List<(string Name, string Temperature, TrainingConfidence Confidence)> rows = [];
        if (details.Control?.TrainingConfidence is { } control) rows.Add(("Control", "1", control));
        if (details.Stages is null && details.Student.TrainingConfidence is { } student)
            rows.Add(("Student", "1", student));
        foreach (var (k, stage) in (details.Stages ?? []).Index())
        {
            rows.Add((stage.Part, "1", stage.TrainingConfidence));
            if (stage.AsTeacher is { } taught && ClassificationFigures.StageTemperatures(run, k + 1) is { } temperatures
                && temperatures.Any(temperature => temperature != 1))
                rows.Add(($"{stage.Part}, as teacher", NumberFormat.Three(SeedStatistics.Of(temperatures)), taught));
        }
        string[] head =
        [
            "", "T", "p(label), %", "Uncertainty, nats", "Diversity, nats", "Variance", "Histogram, nats", "Floored",
        ];
        return rows.Count == 0 ? null : new(head, 1,
        [
            .. rows.Select(row => (Cell[])
            [
                row.Name, row.Temperature, NumberFormat.Percent(row.Confidence.LabelConfidence),
                NumberFormat.Fixed(row.Confidence.Uncertainty, 4), NumberFormat.Fixed(row.Confidence.Diversity, 4),
                NumberFormat.Three(row.Confidence.Variance), NumberFormat.Fixed(row.Confidence.Histogram, 4),
                NumberFormat.Three(row.Confidence.Floored),
            ]),
        ]);
    }

    static TextBlock ConfidenceNote => TextBlock.Note(
        "On the training examples without augmentation. Uncertainty is the mean entropy of the predicted "
        + "distributions; the other columns are of c, the probability of the label: its differential entropy by "
        + "nearest neighbors (k = 3; at most 0), its variance, and the entropy of its histogram of 20 bins. "
        + "Floored: examples with three others nearer than 1e-12, whose distance is taken to be that.");

    DotsBlock ClassDots()
    {
        var shown = ShownClasses();
        return new("Class", [.. _models.Select(model => new LegendEntry(model.Style, model.Name))],
            [.. shown.Select(one => new DotRow(one.Name, Shares(one.Teacher, one.Control, one.Student)))],
            shown.Count == details.Classes.Count ? "" : WhichClasses(shown.Count),
            new(["Class", "Examples", .. _models.Select(model => model.Name)], 1,
            [
                .. details.Classes.Select(one => (IReadOnlyList<Cell>)
                    [one.Name, NumberFormat.Count(one.Examples), .. Percents(one.Teacher, one.Control, one.Student)]),
            ])
            {
                Caption = "Accuracy, %",
            });
    }

    // of many classes those that gained or lost most; without a control those with the lowest accuracy
    IReadOnlyList<ClassAccuracy> ShownClasses()
    {
        if (details.Classes.Count <= MostClasses) return details.Classes;

        var ordered = details.Classes.OrderByDescending(one => one.Student - (one.Control ?? 1))
            .ThenBy(one => one.Name, StringComparer.Ordinal).ToList();
        return details.Control is null ? ordered[^MostClasses..]
            : [.. ordered[..(MostClasses / 2)], .. ordered[^(MostClasses / 2)..]];
    }

    string WhichClasses(int shown) => details.Control is null
        ? $"The {shown} classes of {details.Classes.Count} with the lowest accuracy; results.json has all."
        : $"Of {details.Classes.Count} classes the {shown / 2} that gained most over the control and the {shown / 2} "
            + "that gained least; results.json has all.";

    HeatMapBlock ConfusionMaps()
    {
        var (labels, student) = (run.Data.Classes, shares.Student);
        List<HeatMap> maps = [new("student", "Student", labels, student)];
        if (shares.Control is { } control)
        {
            var gain = student.Select((row, i) => row.Select((share, j) => share - control[i][j]).ToArray()).ToArray();
            maps.Add(new("gain", "Student − control", labels, gain, IsDifference: true));
            maps.Add(new("control", "Control", labels, control));
            if (shares.Teacher is { } teacher) maps.Add(new("teacher", "Teacher", labels, teacher));
        }
        var note = maps.Count == 1 ? $"{MapNote}."
            : $"{MapNote}. In the difference, in points, blue is better than the control and orange worse.";
        return new(maps, note, ConfusionTable());
    }

    TableBlock? ConfusionTable() => details.Confusions.Count == 0 ? null
        : new(["Class", "predicted as", .. _models.Select(model => model.Name)], 2,
        [
            .. details.Confusions.Select(one => (IReadOnlyList<Cell>)
                [one.Label, one.Predicted, .. Percents(one.Teacher, one.Control, one.Student)]),
        ])
        {
            Caption = "Most frequent confusions, % of the class",
        };

    GalleryBlock Gallery()
    {
        var seeds = run.Students.Count;
        string[] head =
        [
            "Class", "Student predicts", "Id", "Student's confidence, %", "Teacher's confidence, %", "Students wrong",
            "Controls wrong",
        ];
        var table = new TableBlock(head, 2,
        [
            .. details.Misclassified.Select(one => (Cell[])
            [
                one.Label, one.Predicted, NumberFormat.Plain(one.Id), NumberFormat.Percent(one.Confidence, 0),
                NumberFormat.Percent(one.TeacherConfidence, 0), NumberFormat.Plain(one.StudentsWrong),
                NumberFormat.Plain(one.ControlsWrong),
            ]),
        ]);
        var images = details.Misclassified.Select(one => new GalleryImage(one.Position,
            Invariant($"Test example {one.Id}: {one.Label}, predicted as {one.Predicted}"),
            [
                new(SeriesStyle.Student, one.Predicted, NumberFormat.Percent(one.Confidence, 0) + " %"),
                new(SeriesStyle.Teacher, one.Label, NumberFormat.Percent(one.TeacherConfidence, 0) + " %"),
            ],
            Invariant(
                $"missed by {one.StudentsWrong} of {seeds} students, {one.ControlsWrong} of {seeds} controls")));
        var plural = details.Misclassified.Count == 1 ? "" : "s";
        return new(Invariant($"{details.Misclassified.Count} test image{plural} that the teacher predicts ")
            + "correctly and students do not: those that most seeds miss, and with most confidence, first. Below each: "
            + "what the student predicts and with what confidence, and the same for the teacher, which is right.",
            new(new(SeriesStyle.Student, "student"), new(SeriesStyle.Teacher, "teacher")), [.. images], table);
    }

    // only the columns that the run has
    IReadOnlyList<double> Shares(double? teacher, double? control, double student) =>
    [
        .. details.Teacher is null ? Array.Empty<double>() : [teacher!.Value],
        .. details.Control is null ? Array.Empty<double>() : [control!.Value],
        student,
    ];

    IEnumerable<Cell> Percents(double? teacher, double? control, double student) =>
        Shares(teacher, control, student).Select(share => (Cell)NumberFormat.Percent(share, 1));
}
