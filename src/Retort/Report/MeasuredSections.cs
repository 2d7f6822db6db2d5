using Retort.Contracts.Sections;
using Retort.Runs;

namespace Retort.Report;

/// <summary>
/// What a procedure measured while it trained the students: curves, and training examples with the highest values.
/// </summary>
static class MeasuredSections
{
    const int MostRows = 12;

    /// <summary>The sections; none where a student has no measurements.</summary>
    public static IEnumerable<Section> Of(RunData run)
    {
        List<Measurements> seeds = [.. run.Students.Select(student => student.Measurements).OfType<Measurements>()];
        if (seeds.Count < run.Students.Count) yield break;

        var curves = seeds[0].Curves?.Select(curve => OverSeeds(curve.Name, seeds)).OfType<SeedCurves>().ToList();
        if (curves is { Count: > 0 }) yield return new("What the procedure measured",
            new RowBlock([.. curves.Select((curve, i) => Chart(curve, i, i == 0 ? Table(curves) : null))]));
        if (seeds[0].Examples is { Examples.Count: > 0 } examples)
            yield return new(examples.Title, Gallery(examples, run));
        if (seeds[0].Learned is { Samples.Count: > 0 } learned)
            yield return LearnedSection.Of(learned, run.Data.Classes);
    }

    /// <summary>A curve of all seeds, measured at the same epochs.</summary>
    sealed record SeedCurves(
        string Name, string Axis, IReadOnlyList<double> Epochs, IReadOnlyList<IReadOnlyList<double>> Seeds)
    {
        public IReadOnlyList<double> Means { get; } =
            [.. Epochs.Select((_, i) => Seeds.Average(values => values[i]))];
    }

    // null where a seed has no such curve, or other epochs
    static SeedCurves? OverSeeds(string name, List<Measurements> seeds)
    {
        List<Curve> curves =
            [.. seeds.Select(seed => seed.Curves?.FirstOrDefault(curve => curve.Name == name)).OfType<Curve>()];
        var isComplete = curves.Count == seeds.Count && curves[0].Epochs.Count > 0
            && curves.All(curve => curve.Epochs.SequenceEqual(curves[0].Epochs));
        return !isComplete ? null : new(name, curves[0].Axis ?? "epoch", curves[0].Epochs,
            [.. curves.Select(curve => curve.Values)]);
    }

    static ChartBlock Chart(SeedCurves curve, int index, TableBlock? table)
    {
        List<Series> series = [];
        if (curve.Seeds.Count > 1) series.AddRange(curve.Seeds.Select(
            values => new Series(SeriesStyle.Student, curve.Epochs, values) { Width = 1, Opacity = 0.4 }));
        series.Add(new(SeriesStyle.Student, curve.Epochs, curve.Means) { Width = 2.4 });
        var all = curve.Seeds.SelectMany(values => values);
        return new(Invariant($"measured-{index}"), $"{curve.Name}, by {curve.Axis}",
            Axis.Around(curve.Epochs, curve.Axis), Axis.Around([.. all], ""), series)
        {
            Caption = $"{curve.Name}{(curve.Seeds.Count > 1 ? ": each seed thin, their mean bold" : "")}.",
            Table = table,
        };
    }

    /// <summary>The means of all curves by epoch; of many epochs some, evenly spaced.</summary>
    static TableBlock Table(List<SeedCurves> curves)
    {
        var epochs = curves[0].Epochs;
        var shown = curves.Where(curve => curve.Epochs.SequenceEqual(epochs)).ToList();
        var rows = Math.Min(epochs.Count, MostRows);
        var indices = Enumerable.Range(0, rows).Select(i => rows == 1 ? 0 : i * (epochs.Count - 1) / (rows - 1));
        var counted = curves[0].Axis;
        return new([ScoreFormat.Capital(counted), .. shown.Select(curve => curve.Name)], 1,
        [
            .. indices.Select(i => (Cell[])
            [
                NumberFormat.Three(epochs[i]), .. shown.Select(curve => (Cell)NumberFormat.Three(curve.Means[i])),
            ]),
        ])
        {
            Caption = $"Means over the seeds, by {counted}",
        };
    }

    static GalleryBlock Gallery(RankedExamples examples, RunData run)
    {
        var table = new TableBlock(["Class", "Id", examples.Value], 1,
        [
            .. examples.Examples.Select(one => (Cell[])
                [ClassOf(one), NumberFormat.Plain(one.Id), NumberFormat.Three(one.Value)]),
        ]);
        var images = examples.Examples.Select(one => new GalleryImage(
            one.Position, Invariant($"Training example {one.Id}: {ClassOf(one)}"),
            [new(SeriesStyle.Student, ClassOf(one), NumberFormat.Three(one.Value))], ""));
        return new(Invariant($"{examples.Title}, by the first seed's {examples.Value} at the end of its training."),
            new(new LegendEntry(SeriesStyle.Student, $"class, and {examples.Value}")), [.. images], table)
        {
            OfTraining = true,
        };

        string ClassOf(RankedExample one) => one.Label < 0 ? "unlabelled" : run.Data.Classes[(int)one.Label];
    }
}
