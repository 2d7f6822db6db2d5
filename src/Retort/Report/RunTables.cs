using System.Text.Json.Nodes;
using Retort.Contracts.Sections;
using Retort.Runs;

namespace Retort.Report;

/// <summary>The tables of a run's report.</summary>
sealed class RunTables(Results results, LearningTask task)
{
    const int MostTrials = 20;
    const string LearningRate = "training.learningRate";

    readonly IReadOnlyList<(string Name, ModelResults Model)> _models = Models(results);

    /// <summary>Teacher, control and student, those that there are.</summary>
    public static IReadOnlyList<(string Name, ModelResults Model)> Models(Results results) =>
    [
        .. results.Teacher is { } teacher ? [("Teacher", teacher)] : Array.Empty<(string, ModelResults)>(),
        .. results.Control is { } control ? [("Control", control)] : Array.Empty<(string, ModelResults)>(),
        ("Student", results.Student),
    ];

    /// <summary>Which weights the scores are of.</summary>
    public string Weights => IsOfPolicies ? "weights after the last step"
        : results.Student.Training?["selectWeights"]?.ToString() == "last" ? "weights of the last epoch"
        : "weights best on validation unless stated otherwise";

    public TableBlock Scores()
    {
        List<IReadOnlyList<Cell>> rows =
            [.. results.Task.Scores.Select(score => Row(score, "", model => model.Scores))];
        rows.AddRange(Selecting.Select(score => Row(score, ", last epoch", model => model.LastEpoch))
            .Where(row => row.Skip(1).Any(cell => cell.Text != NumberFormat.None)));
        rows.Add(Row(task.Primary, " on validation", model => model.Validation));
        return new(["", .. _models.Select(model => model.Name)], 1, rows) { Style = TableStyle.Figures };

        IReadOnlyList<Cell> Row(Score score, string remark,
            Func<ModelResults, IReadOnlyDictionary<string, SeedStatistics>?> scores) =>
        [
            ScoreFormat.Capital(score.Heading(remark)),
            .. _models.Select(model => (Cell)Text(score, scores(model.Model))),
        ];
    }

    // what selects on validation
    IEnumerable<Score> Selecting => new[] { task.Primary, task.TieBreaker }.OfType<Score>();

    static string Text(Score score, IReadOnlyDictionary<string, SeedStatistics>? scores) =>
        scores?.GetValueOrDefault(score.Name) is { } values ? score.Format(values) : NumberFormat.None;

    public TableBlock Costs()
    {
        var (student, teacher) = (results.Student, results.Teacher);
        return new(teacher is null ? ["", "Student"] : ["", "Teacher", "Student", "Ratio"], 1,
        [
            Size("Parameters", cost => cost.Parameters, NumberFormat.Count),
            Size("Size (float32)", cost => cost.Bytes, NumberFormat.Bytes),
            Size("Multiply-adds", cost => cost.MultiplyAdds, NumberFormat.Short),
            Size("Activations", cost => cost.ActivationBytes, NumberFormat.Bytes),
            Time("Latency, median, ms", latency => latency.Median),
            Time("Latency, p10, ms", latency => latency.P10),
            Time("Latency, p90, ms", latency => latency.P90),
        ]);

        IReadOnlyList<Cell> Size(string name, Func<InferenceCost, long?> value, Func<long, string> text) => Row(name,
            model => model.Cost is { } cost ? value(cost) : null,
            model => model.Cost is { } cost && value(cost) is { } number ? text(number) : NumberFormat.None);

        IReadOnlyList<Cell> Time(string name, Func<LatencySummary, SeedStatistics> value) => Row(name,
            model => model.Latency is { } latency ? value(latency).Mean : null,
            model => model.Latency is { } latency ? NumberFormat.Three(value(latency)) : NumberFormat.None);

        IReadOnlyList<Cell> Row(string name, Func<ModelResults, double?> value, Func<ModelResults, string> text) =>
            teacher is null ? [name, text(student)]
            : [name, text(teacher), text(student), Ratio(value(teacher), value(student))];

        // a pretrained teacher that cannot be inspected has no value
        static string Ratio(double? teacher, double? student) =>
            student > 0 && teacher > 0 ? "1 : " + NumberFormat.Three(teacher.Value / student.Value) : NumberFormat.None;
    }

    public string LatencyNote()
    {
        var latency = results.Student.Latency!;
        return Invariant($"Latency: {latency.Engine}, batch {latency.Batch}, {latency.Threads} ")
            + $"{(latency.Threads == 1 ? "thread" : "threads")}, {NumberFormat.Count(latency.Samples)} calls of each "
            + "network after warm-up. Multiply-adds and activations are for one example."
            + (results.Control is null ? "" : " The control is the student's network.")
            + results.Teacher switch
            {
                { Cost: null } => " What the teacher costs is not known: it is pretrained and cannot be inspected.",
                { Cost.MultiplyAdds: null } => " The pretrained teacher's multiply-adds cannot be counted.",
                _ => "",
            };
    }

    public TableBlock Pairs(IReadOnlyList<Pair> pairs)
    {
        var primary = task.Primary;
        var unit = primary.Unit == ScoreUnit.Percent ? ", %" : "";
        var difference = primary.DifferenceUnit() is { Length: > 0 } name ? $", {name}" : "";
        return new(["Seed", $"Control{unit}", $"Student{unit}", $"Difference{difference}"], 1,
        [
            .. pairs.Select(pair => (Cell[])
            [
                NumberFormat.Plain(pair.Seed), primary.Format(pair.Control), primary.Format(pair.Student),
                primary.FormatDifference(pair.Difference),
            ]),
        ]);
    }

    /// <summary>The networks of a procedure in their order.</summary>
    public TableBlock Stages(IReadOnlyList<StageResults> stages)
    {
        var scores = results.Task.Scores.Where(score => stages[0].Scores.ContainsKey(score.Name)).ToList();
        string[] head =
        [
            "Stage", "Teacher", "T", .. scores.Select(score => ScoreFormat.Capital(score.Heading())),
            ScoreFormat.Capital(task.Primary.Heading(" on validation")),
        ];
        return new(head, 2,
        [
            .. stages.Select(stage => (Cell[])
            [
                stage.Part, stage.Teacher ?? NumberFormat.None,
                stage.Temperature is { } temperature ? NumberFormat.Three(temperature) : NumberFormat.None,
                .. scores.Select(score => Text(score, stage.Scores)), Text(task.Primary, stage.Validation),
            ]),
        ]);
    }

    /// <summary>What the student's procedure chose or measured.</summary>
    public static TableBlock Figures(IReadOnlyDictionary<string, SeedStatistics> figures) => new(["Figure", ""], 1,
        [.. figures.Select(figure => (Cell[])[figure.Key, NumberFormat.Three(figure.Value)])]);

    /// <summary>The terms of the method's loss on validation, of student and control.</summary>
    public static TableBlock LossTerms(LossTermsResults terms) => new(
        terms.Control is null ? ["Term", "Student"] : ["Term", "Student", "Control"], 1,
        [
            .. terms.Student!.Select(term => (Cell[])
            [
                term.Key, NumberFormat.Three(term.Value),
                .. terms.Control is not { } control ? []
                    : (Cell[])[control.TryGetValue(term.Key, out var other) ? NumberFormat.Three(other)
                        : NumberFormat.None],
            ]),
        ]);

    /// <summary>Whether a search is over the learning rate alone, each rate to the end: what tuning does.</summary>
    public static bool IsTuning(SearchTable search) =>
        search.Rungs.Count == 1 && (search.Control?.Trials ?? []).Concat(search.Student.Trials)
            .All(trial => trial.Settings.Keys.SequenceEqual([LearningRate]) && HasRate(trial))
        && (search.Teacher?.Trials ?? []).All(HasRate);

    // of a run folder that was written by hand it may be no number
    static bool HasRate(SearchedTrial trial) =>
        trial.Settings.Values.Single() is JsonValue value && value.TryGetValue<double>(out _);

    /// <summary>The scores of each learning rate, for teacher, control and student.</summary>
    public TableBlock Tuning(SearchTable search)
    {
        List<(string Name, SearchedSide Side)> sides = [("Student", search.Student)];
        if (search.Control is { } control) sides.Insert(0, ("Control", control));
        if (search.Teacher is { } teacher) sides.Insert(0, ("Teacher", teacher));
        return new(["Learning rate", .. sides.Select(side => side.Name)], 1,
        [
            .. sides.SelectMany(side => side.Side.Trials).Select(Rate).Distinct().Order().Select(rate => (Cell[])
            [
                NumberFormat.Plain(rate), .. sides.Select(side => Text(side.Side, rate)),
            ]),
        ])
        {
            Style = TableStyle.Narrow,
        };

        static double Rate(SearchedTrial trial) => (double)trial.Settings.Values.Single();

        string Text(SearchedSide side, double rate)
        {
            if (side.Trials.FirstOrDefault(trial => Rate(trial) == rate) is not { } trial) return NumberFormat.None;

            var mark = trial.Number == side.Chosen ? "✓ " : "";
            var (score, seeds) = (trial.Scores[^1].Score, trial.Scores[^1].SeedScores);
            var primary = side == search.Teacher ? task.ForTeacher.Primary : task.Primary;
            return mark + (score is { } mean ? primary.Format(mean) : "diverged")
                + (seeds.Count > 1 ? $" ({string.Join(", ", seeds.Select(primary.Format))})" : "");
        }
    }

    /// <summary>The trials of a search, the best first.</summary>
    public TableBlock Search(SearchedSide side)
    {
        var options = side.Best.Settings.Keys.ToList();
        var ordered = side.Trials.OrderByDescending(trial => trial.Number == side.Chosen)
            .ThenByDescending(trial => trial.Scores[^1].Epochs)
            .ThenBy(trial => trial.Scores[^1].Score is null)
            .ThenByDescending(trial => task.Primary.Rank(trial.Scores[^1].Score ?? 0))
            .ThenBy(trial => trial.Number);
        var scores = Selecting.Select(score => ScoreFormat.Capital(score.Heading()));
        return new(["Trial", .. options, "Epochs", .. scores], 1,
        [
            .. ordered.Take(MostTrials).Select(trial => (Cell[])
            [
                (trial.Number == side.Chosen ? "✓ " : "") + NumberFormat.Plain(trial.Number),
                .. options.Select(trial.TextOf),
                NumberFormat.Plain(trial.Scores[^1].Epochs), .. Outcome(trial.Scores[^1]),
            ]),
        ]);

        IEnumerable<string> Outcome(RungScore rung)
        {
            yield return rung.Score is { } score ? task.Primary.Format(score) : "diverged";
            if (task.TieBreaker is { } tieBreaker)
                yield return rung.TieBreaker is { } second ? tieBreaker.Format(second) : NumberFormat.None;
        }
    }

    /// <summary>What was searched for, and how.</summary>
    public static string SearchNote(SearchTable search) =>
        $"On validation, with {NumberFormat.Seeds(search.Seeds)}, not reported above. "
        + $"{NumberFormat.Count(search.Student.Trials.Count)} trials of the student"
        + (search.Control is { } control
            ? $", {NumberFormat.Count(control.Trials.Count)} of the control over the options of its training" : "")
        + (search.Rungs.Count > 1 ? $", compared after {string.Join(", ", search.Rungs)} epochs" : "")
        + (search.Student.Trials.Count > MostTrials
            ? $"; the best {MostTrials} are listed, all are in search.json." : ".");

    public TableBlock Provenance()
    {
        var (recipe, data) = (results.Recipe, results.Data);
        List<Cell[]> rows =
        [
            ["Recipe", recipe.Name],
            ["Recipe's SHA-256", recipe.Hash],
            ["Data", data.Name],
            ["Data's SHA-256", data.Hash],
            IsOfPolicies ? ["Episodes", $"{NumberFormat.Count(data.Examples.Validation)} validation, "
                + $"{NumberFormat.Count(data.Examples.Test)} test"] :
            ["Examples", $"{NumberFormat.Count(data.Examples.Training)} training "
                + $"({NumberFormat.Count(data.Examples.Labelled)} labelled), "
                + $"{NumberFormat.Count(data.Examples.Validation)} validation, "
                + $"{NumberFormat.Count(data.Examples.Test)} test"],
            ["Task", $"{results.Task.Name}, by {task.Primary.Title}"],
            .. _models.Select(model => (Cell[])[model.Name, Origin(model.Model)]),
        ];
        if (results.Cache is { } cache) rows.Add(["Teacher's outputs", CacheText(cache)]);
        rows.Add(["Threads", results.Threads == 0 ? "all" : NumberFormat.Plain(results.Threads)]);
        rows.AddRange(results.Versions.Select(version => (Cell[])[version.Key, version.Value]));
        return new(["", ""], 2, rows) { Style = TableStyle.Properties };
    }

    static string CacheText(CacheSummary cache)
    {
        var text = Invariant($"cached: {cache.Codec}, {cache.Views} ")
            + $"{(cache.Views == 1 ? "view" : "views")}, {NumberFormat.Rounded(cache.Bytes / 1e6, 2)} MB";
        foreach (var error in cache.Errors)
        {
            text += Invariant($"; {error.Output} off by {error.Mean:g2} on average, ")
                + Invariant($"{error.Largest:g2} at most");
            if (error.Output == Output.Logits.Name) text += Invariant($", KL {error.Kl:g2} nats");
        }
        return text;
    }

    string Origin(ModelResults model)
    {
        if (model.GivenHash is not null)
            return $"pretrained: {model.Network.ToJsonString(Json.Line)}, SHA-256 {model.GivenHash}";

        if (model.Method is null) return $"{NameOf(model.Network)}, not trained, {NumberFormat.Seeds(model.Seeds)}";

        var found = IsOfPolicies ? null : model.Training!["learningRate"]?.ToJsonString();
        var rate = found is null ? "" : $", learning rate {found}";
        var steps = NumberFormat.Count(model.Steps!.Value);
        return $"{NameOf(model.Network)} by {NameOf(model.Method)}, "
            + Budget()
            + $"{rate}, {NumberFormat.Seeds(model.Seeds)}" + (IsOfPolicies ? ""
                : $", best after step {string.Join(", ", model.BestSteps.Select(NumberFormat.Count))}");

        string Budget() => model.StepsInAll is not { } all || all == model.Steps ? $"{steps} steps"
            : $"{NumberFormat.Count(all)} steps in all, {steps} "
                + (all == model.Steps * results.Stages?.Count ? "a network" : "for its last network");
    }

    // policies have no training options of their own, and are not selected
    bool IsOfPolicies => results.Data.Examples.Training == 0;

    static string NameOf(JsonNode node) =>
        node is JsonObject options && options["name"] is { } name ? name.ToString() : node.ToJsonString();
}
