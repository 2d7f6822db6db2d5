using System.Globalization;
using System.Text.Json.Nodes;
using Retort.Runs;
using Retort.Training;

namespace Retort.Report;

/// <summary>A table as people read it; both pages show the same ones.</summary>
/// <param name="Head">Titles of the columns.</param>
/// <param name="Words">How many columns from the left hold words; the rest hold figures.</param>
/// <param name="Rows">Cell by cell.</param>
sealed record Table(IReadOnlyList<string> Head, int Words, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>The tables of a report.</summary>
static class Tables
{
    const string None = "–";
    const int MostTrials = 20;

    public static string Name(Outcome outcome) => outcome.ToString().ToLowerInvariant();

    /// <summary>The verdict's sentence where the outcome stands before it.</summary>
    public static string WithoutBadge(Verdict verdict)
    {
        const string badge = "undecided: ";
        return verdict.Sentence.StartsWith(badge, StringComparison.Ordinal) ? verdict.Sentence[badge.Length..] : verdict.Sentence;
    }

    /// <summary>Teacher, control and student, as far as there are any.</summary>
    public static IReadOnlyList<(string Name, ModelResults One)> Contestants(Results r) =>
    [
        .. r.Teacher is { } teacher ? [("Teacher", teacher)] : Array.Empty<(string, ModelResults)>(),
        .. r.Control is { } control ? [("Control", control)] : Array.Empty<(string, ModelResults)>(),
        ("Student", r.Student),
    ];

    public static string Gap(double closed) => closed switch
    {
        < 0 => "None of the gap between control and teacher is closed.",
        > 1 => "The student is above its teacher.",
        _ => $"{NumberFormat.Percent(closed, 0)} % of the gap between control and teacher is closed.",
    };

    public static Table Figures(Results r)
    {
        var columns = Contestants(r);
        return new(["", .. columns.Select(column => column.Name)], 1,
        [
            Row("Accuracy, %", one => one.Accuracy, Share),
            Row("NLL, nats", one => one.Nll, Nats),
            Row("ECE, %", one => one.Ece, Share),
            .. r.Teacher is null ? Array.Empty<IReadOnlyList<string>>() :
            [
                Row("Agreement with teacher, %", one => one.Agreement, Share),
                Row("KL from teacher, nats", one => one.Kl, Nats),
            ],
            Row("NLL, temperature-scaled, nats", one => one.Scaled?.Nll, Nats),
            Row("ECE, temperature-scaled, %", one => one.Scaled?.Ece, Share),
            Row("Temperature of that", one => one.Scaled?.Temperature, Three),
            Row("Accuracy, last epoch, %", one => one.LastEpoch?.Accuracy, Share),
            Row("NLL, last epoch, nats", one => one.LastEpoch?.Nll, Nats),
            Row("Accuracy on validation, %", one => one.Validation.Accuracy, Share),
        ]);

        IReadOnlyList<string> Row(string name, Func<ModelResults, SeedStatistics?> figure, Func<SeedStatistics, string> written) =>
            [name, .. columns.Select(column => figure(column.One) is { } found ? written(found) : None)];
    }

    /// <summary>Which weights figures are of.</summary>
    public static string Weights(Results r) => r.Student.Training?["selectWeights"]?.ToString() == "last" ? "weights of the last epoch" : "weights best on validation unless stated";

    public static Table Costs(Results r)
    {
        var (student, teacher) = (r.Student, r.Teacher);
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

        IReadOnlyList<string> Size(string name, Func<CostFigures, long> figure, Func<long, string> written) =>
            Row(name, one => one.Cost is { } cost ? figure(cost) : null, one => one.Cost is { } cost ? written(figure(cost)) : None);

        IReadOnlyList<string> Time(string name, Func<LatencyFigures, SeedStatistics> figure) =>
            Row(name, one => one.Latency is { } latency ? figure(latency).Mean : null, one => one.Latency is { } latency ? Three(figure(latency)) : None);

        IReadOnlyList<string> Row(string name, Func<ModelResults, double?> figure, Func<ModelResults, string> written) => teacher is null
            ? [name, written(student)]
            : [name, written(teacher), written(student), Ratio(figure(teacher), figure(student))];
    }

    /// <summary>How often the smaller goes into the larger, seen from the student; a teacher that cannot be looked into has no figure.</summary>
    static string Ratio(double? teacher, double? student) => student > 0 && teacher > 0 ? "1 : " + NumberFormat.Three(teacher.Value / student.Value) : None;

    public static string LatencyNote(Results r)
    {
        var latency = r.Student.Latency!;
        return string.Create(CultureInfo.InvariantCulture,
            $"Latency: {latency.Engine}, batch {latency.Batch}, {latency.Threads} {(latency.Threads == 1 ? "thread" : "threads")}, {NumberFormat.Count(latency.Samples)} calls of each network after warm-up.")
            + " Multiply-adds and activations are for one example."
            + (r.Control is null ? "" : " The control is the student's network.")
            + (r.Teacher is { Cost: null } ? " What the teacher takes is not known: it was given, and is no network of Retort's." : "");
    }

    public static Table? Pairs(Results r) => r.Pairs is not { } pairs ? null : new(
        ["Seed", "Control, %", "Student, %", "Difference, points"], 1,
        [.. pairs.Select(pair => new[]
        {
            Number(pair.Seed), NumberFormat.Percent(pair.Control), NumberFormat.Percent(pair.Student), NumberFormat.SignedPoints(pair.Difference, 2),
        })]);

    /// <summary>Whether control and student are shown the same examples, and so in the same order.</summary>
    public static bool SameExamples(Results r) => r.Data.Examples.Labelled == r.Data.Examples.Training;

    /// <summary>What the two of a pair share.</summary>
    public static string PairsNote(Results r) => r.Stages is { } stages
        ? "Test accuracy. The two of a pair share data and number of steps of a training; the control shares initial weights, order and augmentation with "
            + $"{stages[0].Part}, and the {stages.Count} networks of the student took {NumberFormat.Count(r.Student.StepsInAll!.Value)} steps in all."
        : r.Teacher is null
        ? "Test accuracy. The two of a pair share initial weights, order, augmentation and number of steps; the student also has the method."
        : SameExamples(r)
        ? "Test accuracy. The two of a pair share initial weights, order, augmentation and number of steps; the student also has the teacher."
        : "Test accuracy. The two of a pair share initial weights and number of steps. "
            + $"The control is shown the {NumberFormat.Count(r.Data.Examples.Labelled)} labelled examples alone, again and again; "
            + $"the student all {NumberFormat.Count(r.Data.Examples.Training)}, and it has the teacher's answers for them.";

    public static Table? Tuning(Results r)
    {
        if (r.Tuning is not { } tuning) return null;
        var sides = tuning.Control.Count == 0 ? [("Student", tuning.Student, tuning.Chosen.Student)]
            : new[] { ("Control", tuning.Control, tuning.Chosen.Control), ("Student", tuning.Student, tuning.Chosen.Student) };
        return new(["Learning rate", .. sides.Select(side => side.Item1)], 1, [.. tuning.LearningRates.Select((rate, i) => (string[])
        [
            Number(rate), .. sides.Select(side => (rate == side.Item3 ? "✓ " : "") + Share(SeedStatistics.Of(side.Item2[i]))),
        ])]);
    }

    /// <summary>The trials of a search, the best first.</summary>
    public static Table Search(SearchedSide side)
    {
        var options = side.Best.Settings.Keys.ToList();
        return new(["Trial", .. options, "Epochs", "Accuracy, %", "NLL, nats"], 1,
        [
            .. side.Trials.OrderByDescending(trial => trial.Number == side.Chosen).ThenByDescending(trial => trial.Scores[^1].Epochs)
                .ThenByDescending(trial => trial.Scores[^1].Score ?? 0).ThenBy(trial => trial.Number).Take(MostTrials).Select(trial => (string[])
            [
                (trial.Number == side.Chosen ? "✓ " : "") + Number(trial.Number), .. options.Select(trial.Said),
                Number(trial.Scores[^1].Epochs), NumberFormat.Percent(trial.Scores[^1].Score ?? 0),
                trial.Scores[^1].TieBreaker is { } nll ? NumberFormat.Fixed(nll, 4) : "diverged",
            ]),
        ]);
    }

    /// <summary>What was searched for, and how.</summary>
    public static string SearchNote(SearchTable search) =>
        $"On validation, with {NumberFormat.Seeds(search.Seeds)}, not reported above. {NumberFormat.Count(search.Student.Trials.Count)} trials of the student"
        + (search.Control is { } control ? $", {NumberFormat.Count(control.Trials.Count)} of the control over the options of its training" : "")
        + (search.Rungs.Count > 1 ? $", compared after {string.Join(", ", search.Rungs)} epochs" : "")
        + (search.Student.Trials.Count > MostTrials ? $"; the best {MostTrials} are shown, all are in search.json" : "") + ".";

    public static Table Reliability(Results r)
    {
        var columns = Contestants(r);
        return new(["Confidence, %", .. columns.SelectMany(column => new[] { column.Name + ": answers", "right, %" })], 1,
            [.. Enumerable.Range(0, r.Student.Reliability.Count).Select(k => (IReadOnlyList<string>)[
                $"{NumberFormat.Percent(r.Student.Reliability[k].Low, 0)} to {NumberFormat.Percent(r.Student.Reliability[k].High, 0)}",
                .. columns.Select(column => column.One.Reliability[k])
                    .SelectMany(bin => new[] { NumberFormat.Count(bin.Count), bin.Count == 0 ? None : NumberFormat.Percent(bin.Accuracy, 1) })])]);
    }

    public static Table Classes(Results r) => new(["Class", "Examples", .. Contestants(r).Select(column => column.Name)], 1,
        [.. r.Classes.Select(one => (IReadOnlyList<string>)[one.Name, NumberFormat.Count(one.Examples), .. Columns(r, one.Teacher, one.Control, one.Student)])]);

    public static Table? Confusions(Results r) => r.Confusions.Count == 0 ? null : new(
        ["Class", "taken for", .. Contestants(r).Select(column => column.Name)], 2,
        [.. r.Confusions.Select(one => (IReadOnlyList<string>)[one.Label, one.Answer, .. Columns(r, one.Teacher, one.Control, one.Student)])]);

    static IEnumerable<string> Columns(Results r, double? teacher, double? control, double? student) => Contestants(r).Select(column => Maybe(column.Name switch
    {
        "Teacher" => teacher,
        "Control" => control,
        _ => student,
    }));

    /// <summary>The networks of a procedure in their order.</summary>
    public static Table? Stages(Results r) => r.Stages is not { } stages ? null : new(
        ["Stage", "Teacher", "T", "Accuracy, %", "NLL, nats", "ECE, %", "Accuracy on validation, %"], 2,
        [.. stages.Select(one => new[]
        {
            one.Part, one.Teacher ?? None, one.Temperature is { } found ? Three(found) : None, Share(one.Accuracy), Nats(one.Nll), Share(one.Ece),
            Share(one.Validation.Accuracy),
        })]);

    /// <summary>How sure networks are of what they learned from, where the run kept that.</summary>
    public static Table? Sureness(Results r)
    {
        List<(string Name, string T, ConfidenceFigures Of)> rows = [];
        if (r.Control?.TrainingConfidence is { } control) rows.Add(("Control", "1", control));
        if (r.Stages is null && r.Student.TrainingConfidence is { } student) rows.Add(("Student", "1", student));
        foreach (var stage in r.Stages ?? [])
        {
            rows.Add((stage.Part, "1", stage.TrainingConfidence));
            if (stage.AsTeacher is { } taught && Taught(stage.Part) is { } temperature && temperature.Values.Any(value => value != 1)) rows.Add(($"{stage.Part}, as it taught", Three(temperature), taught));
        }
        return rows.Count == 0 ? null : new(["", "T", "p(label), %", "Uncertainty, nats", "Diversity, nats", "Variance", "Histogram, nats", "Floored"], 1,
            [.. rows.Select(row => new[]
            {
                row.Name, row.T, Share(row.Of.LabelConfidence), Nats(row.Of.Uncertainty), Nats(row.Of.Diversity), Three(row.Of.Variance), Nats(row.Of.Histogram),
                Three(row.Of.Floored),
            })]);

        SeedStatistics? Taught(string part) => r.Stages!.FirstOrDefault(stage => stage.Teacher == part)?.Temperature;
    }

    public const string SurenessNote = "On the training examples, shown as the file has them. Uncertainty is the mean entropy of the answers; the other figures are of c, the probability of the label: "
        + "its differential entropy by nearest neighbours (k = 3; 0 is the most there can be), its variance, and the entropy of its histogram of 20 bins. "
        + "Floored: examples with three others nearer than 1e-12, whose distance was taken to be that.";

    public static Table? Misses(Results r) => r.Misclassified.Count == 0 ? null : new(
        ["Class", "Student says", "Id", "Student sure, %", "Teacher sure, %", "Students wrong", "Controls wrong"], 2,
        [.. r.Misclassified.Select(miss => new[]
        {
            miss.Label, miss.Answer, Number(miss.Id), NumberFormat.Percent(miss.Confidence, 0), NumberFormat.Percent(miss.TeacherConfidence, 0),
            Number(miss.StudentsWrong), Number(miss.ControlsWrong),
        })]);

    public static Table Provenance(Results r) => new(["", ""], 2,
    [
        ["Recipe", r.Recipe.Name],
        ["Recipe's SHA-256", r.Recipe.Hash],
        ["Data", r.Data.Name],
        ["Data's SHA-256", r.Data.Hash],
        ["Examples", $"{NumberFormat.Count(r.Data.Examples.Training)} training ({NumberFormat.Count(r.Data.Examples.Labelled)} labelled), "
            + $"{NumberFormat.Count(r.Data.Examples.Validation)} validation, {NumberFormat.Count(r.Data.Examples.Test)} test"],
        .. Contestants(r).Select(column => new[] { column.Name, Said(column.One) }),
        .. r.Cache is null ? Array.Empty<string[]>() : [["Teacher's answers", Kept(r.Cache)]],
        ["Threads", r.Threads == 0 ? "all" : Number(r.Threads)],
        .. r.Versions.Select(version => new[] { version.Key, version.Value }),
    ]);

    static string Kept(CacheSummary kept) => FormattableString.Invariant($"kept: {kept.Codec}, {kept.Views} {(kept.Views == 1 ? "view" : "views")}, {kept.Bytes / 1e6:0.##} MB")
        + string.Concat(kept.Errors.Select(error => FormattableString.Invariant($"; {error.Output} off by {error.Mean:g2} on average, {error.Largest:g2} at most")
            + (error.Output == "logits" ? FormattableString.Invariant($", KL {error.Kl:g2} nats") : "")));

    static string Said(ModelResults one)
    {
        if (one.GivenHash is not null) return $"given: {one.Network.ToJsonString(Json.Line)}, SHA-256 {one.GivenHash}";
        var rate = one.Training!["learningRate"]?.ToJsonString() is { } found ? $", learning rate {found}" : "";
        var steps = one.StepsInAll is { } all ? $"{NumberFormat.Count(all)} steps in all, {NumberFormat.Count(one.Steps!.Value)} a network" : $"{NumberFormat.Count(one.Steps!.Value)} steps";
        return $"{Named(one.Network)} by {Named(one.Method!)}, {steps}{rate}, {NumberFormat.Seeds(one.Seeds)}, "
            + $"best after step {string.Join(", ", one.BestSteps.Select(NumberFormat.Count))}";
    }

    static string Named(JsonNode node) => node is JsonObject options && options["name"] is { } name
        ? name.ToString() : node.ToJsonString();

    /// <summary>86.12 ± 0.34, in percent.</summary>
    public static string Share(SeedStatistics spread) => NumberFormat.Percent(spread.Mean) + (spread.Sd is { } sd ? " ± " + NumberFormat.Percent(sd) : "");

    static string Nats(SeedStatistics spread) => NumberFormat.Fixed(spread.Mean, 4) + (spread.Sd is { } sd ? " ± " + NumberFormat.Fixed(sd, 4) : "");

    // the deviation to as many places as the mean
    static string Three(SeedStatistics spread) => NumberFormat.Three(spread.Mean)
        + (spread.Sd is { } sd ? " ± " + NumberFormat.Fixed(sd, NumberFormat.PlacesOfThree(spread.Mean)) : "");

    static string Maybe(double? share) => share is { } found ? NumberFormat.Percent(found, 1) : None;

    static string Number(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
