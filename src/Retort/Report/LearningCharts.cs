using Retort.Contracts.Sections;
using Retort.Training;

namespace Retort.Report;

/// <summary>Scores on validation and loss on training, epoch by epoch: each seed thin, their mean bold.</summary>
sealed class LearningCharts
{
    const int MostRows = 12;

    readonly Results _results;
    readonly LearningTask _task;
    readonly IReadOnlyList<LearningSide> _sides;
    readonly Axis _epochs;

    public LearningCharts(Results results, RunData run)
    {
        _results = results;
        _task = run.Task;
        IReadOnlyList<NetworkData> teacher = run.Teacher is { Epochs.Count: > 0 } trained ? [trained] : [];
        LearningSide[] sides =
        [
            new(SeriesStyle.Teacher, teacher), new(SeriesStyle.Control, run.Controls),
            new(SeriesStyle.Student, run.Students),
        ];
        _sides = [.. sides.Where(side => side.Networks.Count > 0)];
        _epochs = EpochAxis(_sides.SelectMany(side => side.Networks).Max(network => network.Epochs[^1].Epoch));
    }

    /// <summary>The scores that select on validation, then the loss.</summary>
    public IReadOnlyList<ChartBlock> All()
    {
        List<Score> scores = [.. new[] { _task.Primary, _task.TieBreaker }.OfType<Score>()];
        return
        [
            .. scores.Select(score => (Score: score, Curves: new EpochCurves(_sides, line => Value(score, line))))
                .Where(one => one.Curves.HasStudent).Select((one, i) => Chart(one.Score, one.Curves, i == 0)),
            .. Loss() is { } loss ? [loss] : Array.Empty<ChartBlock>(),
        ];
    }

    static double? Value(Score score, EpochMetrics line) =>
        line.Validation.TryGetValue(score.Name, out var value) ? score.ToAxis(value) : null;

    ChartBlock Chart(Score score, EpochCurves curves, bool first)
    {
        var isDrawn = curves.Sides.Any(side => side.Style == SeriesStyle.Teacher);
        var teacher = isDrawn ? null : _results.Teacher?.Validation.GetValueOrDefault(score.Name)?.Mean;
        List<double> heights = [.. curves.Values];
        List<Series> series = [];
        if (teacher is { } mean)
        {
            var level = score.ToAxis(mean);
            heights.Add(level);
            series.Add(new(SeriesStyle.Teacher, [_epochs.Low, _epochs.High], [level, level])
            {
                Width = 1.5, Dashed = true,
            });
        }
        series.AddRange(curves.Series(value => value));
        var seeds = first && _results.Seeds.Count > 1 ? ": each seed thin, their mean bold" : "";
        var dashed = teacher is not null ? "; dashed: the teacher at its best" : "";
        var unit = score.Unit switch { ScoreUnit.Percent => "%", ScoreUnit.Nats => "nats", _ => "" };
        var title = $"{ScoreFormat.Capital(score.Title)} on validation";
        return new($"learning-{score.Name}", $"{title} by epoch",
            _epochs, Axis.Around(heights, (unit + score.Direction(" (", ")")).Trim()), series)
        {
            Caption = $"{title}{score.Direction(", ")}{seeds}{dashed}.",
            Table = Table($"{ScoreFormat.Capital(score.Heading(" on validation"))}, mean over the seeds", curves,
                score.Unit == ScoreUnit.Percent ? value => NumberFormat.Fixed(value, 2) : score.Format),
        };
    }

    // null where no trainer saw the loss: a procedure's own loop trained the networks
    ChartBlock? Loss()
    {
        var curves = new EpochCurves(_sides, line => line.Loss?.GetValueOrDefault("total"));
        if (!curves.HasStudent) return null;

        const string direction = "lower is better";
        var isPositive = curves.Values.All(value => value > 0);
        var scale = isPositive ? Math.Log10 : (Func<double, double>)(value => value);
        List<double> heights = [.. curves.Values.Select(scale)];
        const string title = $"loss ({direction})";
        return new("learning-loss", "Loss on training by epoch", _epochs,
            isPositive ? Axis.AroundLogarithms(heights, title) : Axis.Around(heights, title),
            [.. curves.Series(scale)])
        {
            Caption = $"Loss on training, {direction}{(isPositive ? ", on a logarithmic scale" : "")}. {Terms(curves)}",
            Table = Table($"Loss on training ({direction}), mean over the seeds", curves, NumberFormat.Three),
        };
    }

    /// <summary>Which terms the loss of each network has.</summary>
    static string Terms(EpochCurves curves)
    {
        var terms = curves.Sides.Select(side => (Name: NameOf(side.Style), Terms: TermsOf(side.Networks[0]))).ToList();
        return terms.Select(one => one.Terms).Distinct().Count() == 1 ? ""
            : "It is the sum of these terms, so that heights compare networks with the same terms only: "
                + $"{string.Join("; ", terms.Select(one => $"{one.Name}: {one.Terms}"))}.";
    }

    static string TermsOf(NetworkData network)
    {
        List<string> names = [.. network.Epochs[0].Loss!.Keys.Where(name => name != "total")];
        return names.Count == 0 ? "total" : string.Join(" + ", names);
    }

    static string NameOf(SeriesStyle style) => style.ToString().ToLowerInvariant();

    /// <summary>The means by epoch; of many epochs some, evenly spaced, and each side's last.</summary>
    static TableBlock Table(string caption, EpochCurves curves, Func<double, string> text)
    {
        var means = curves.Sides
            .Select(side => curves.Means(side).ToDictionary(one => one.Epoch, one => one.Mean)).ToList();
        List<int> epochs = [.. means.SelectMany(side => side.Keys).Distinct().Order()];
        var last = means.Select(side => side.Keys.Max());
        if (epochs.Count > MostRows) epochs =
        [
            .. Enumerable.Range(0, MostRows).Select(i => epochs[i * (epochs.Count - 1) / (MostRows - 1)])
                .Union(last).Order(),
        ];
        return new(["Epoch", .. curves.Sides.Select(side => ScoreFormat.Capital(NameOf(side.Style)))], 1,
        [
            .. epochs.Select(epoch => (Cell[])
            [
                NumberFormat.Plain(epoch),
                .. means.Select(side => side.TryGetValue(epoch, out var mean) ? text(mean) : NumberFormat.None),
            ]),
        ])
        {
            Caption = caption,
        };
    }

    static Axis EpochAxis(int last)
    {
        var round = Axis.Around([0, Math.Max(last, 4)], "epoch");
        return round with { High = last, Marks = [.. round.Marks.Where(mark => mark.Value <= last)] };
    }
}
