using Retort.Runs;
using Retort.Runtime.Metrics;
using Retort.Training;

namespace Retort.Report;

/// <summary>From what a run folder holds to its results.</summary>
static class Comparison
{
    const int MostConfusions = 20, MostMisses = 24;

    public static Results Of(RunData run)
    {
        var (teacher, card) = (run.Teacher, run.Card);
        var pairs = run.Controls.Zip(run.Students, Paired).ToList();
        var student = Contestant(run.Students, teacher);
        var control = run.Controls.Count == 0 ? null : Contestant(run.Controls, teacher);
        var taught = teacher is null ? null : Contestant([teacher], null);
        return new()
        {
            Recipe = new(card.RecipeName, card.RecipeHash),
            Data = new(card.DataName, card.DataHash, run.Classes, card.Examples),
            Seeds = card.Seeds,
            Threads = card.Threads,
            Versions = card.Versions,
            Verdict = control is null ? null : Verdict.Of(pairs, card.Examples, Best(run), Subject(run)),
            Pairs = control is null ? null : pairs,
            GapClosed = Closed(taught, control, student),
            Teacher = taught,
            Control = control,
            Student = student,
            Stages = run.Students[0].Stages.Count == 0 ? null : [.. run.Students[0].Stages.Select((_, k) => Stage(run.Students, k))],
            Cache = run.Cache is { } kept ? new(kept.Identity.Codec, kept.Identity.Views, kept.Bytes, kept.Errors) : null,
            Tuning = run.Tuning,
            Search = run.Search,
            Classes = ConfusionCounts.ByClass(run),
            Confusions = ConfusionCounts.Confusions(run, MostConfusions),
            Misclassified = ConfusionCounts.Misses(run, MostMisses),
        };
    }

    // the best that a search found on validation, for control and student
    static (double Control, double Student)? Best(RunData run) => run switch
    {
        { Tuning: { Control.Count: > 0 } tuning } => (tuning.Control.Max(Enumerable.Average), tuning.Student.Max(Enumerable.Average)),
        { Search: { Control: { } control, Student: var student } } => (control.Best.Scores[^1].Score ?? 0, student.Best.Scores[^1].Score ?? 0),
        _ => null,
    };

    /// <summary>What the verdict is about: distillation, or the method that does without a teacher.</summary>
    static VerdictSubject Subject(RunData run)
    {
        if (run.Teacher is not null) return Report.VerdictSubject.Distillation;
        var card = run.Students[0].Card;
        return new((string)card.Method!["name"]!, Math.Max(card.Stages?.Count ?? 1, 1), card.Steps);
    }

    static Pair Paired(NetworkData control, NetworkData student)
    {
        var examples = student.Test.Labels.Length;
        var without = Accuracy.CorrectCount(control.Test.Values, control.Test.Labels);
        var with = Accuracy.CorrectCount(student.Test.Values, student.Test.Labels);
        // by counts: equal differences stay equal
        return new(student.Card.Seed, (double)without / examples, (double)with / examples, (double)(with - without) / examples);
    }

    static ModelResults Contestant(IReadOnlyList<NetworkData> networks, NetworkData? teacher)
    {
        var best = Figures(networks, network => network.Test, teacher?.Test);
        var card = networks[0].Card;
        var trained = card.GivenHash is null;
        return new()
        {
            Accuracy = best.Accuracy, Nll = best.Nll, Ece = best.Ece, Agreement = best.Agreement, Kl = best.Kl,
            LastEpoch = trained ? Figures(networks, network => network.LastTest!, teacher?.Test) : null,
            Scaled = Scaled(networks),
            Validation = Figures(networks, network => network.Validation, teacher?.Validation),
            Seeds = trained ? [.. networks.Select(network => network.Card.Seed)] : [],
            Network = card.Network,
            Method = card.Method,
            Training = card.Training,
            GivenHash = card.GivenHash,
            Steps = trained ? card.Steps : null,
            StepsInAll = card.Stages is { } stages ? stages.Count * card.Steps : null,
            TrainingConfidence = networks.All(network => network.Training is not null) ? Sureness(networks, _ => 1) : null,
            BestSteps = trained ? [.. networks.Select(network => network.Card.BestStep)] : [],
            Cost = card is { Parameters: { } parameters, Bytes: { } bytes, MultiplyAdds: { } multiplyAdds, ActivationBytes: { } activationBytes }
                ? new(parameters, bytes, multiplyAdds, activationBytes) : null,
            Latency = networks[0].Latency is null ? null : Latency([.. networks.Select(network => network.Latency!)]),
            Reliability = Calibration.Bins([.. networks.SelectMany(network => network.Test.Values)],
                [.. networks.SelectMany(network => network.Test.Labels)]),
        };
    }

    static Figures Figures(IReadOnlyList<NetworkData> networks, Func<NetworkData, Predictions> part, Predictions? teacher)
    {
        var found = networks.Select(network => Evaluation.Of(part(network), teacher)).ToList();
        return new()
        {
            Accuracy = SeedStatistics.Of([.. found.Select(one => one.Accuracy)]),
            Nll = SeedStatistics.Of([.. found.Select(one => one.Nll)]),
            Ece = SeedStatistics.Of([.. found.Select(one => one.Ece)]),
            Agreement = teacher is null ? null : SeedStatistics.Of([.. found.Select(one => one.Agreement!.Value)]),
            Kl = teacher is null ? null : SeedStatistics.Of([.. found.Select(one => one.Kl!.Value)]),
        };
    }

    static StageFigures Stage(IReadOnlyList<NetworkData> students, int k)
    {
        List<NetworkData> networks = [.. students.Select(student => student.Stages[k])];
        var (best, card, temperatures) = (Figures(networks, network => network.Test, null), students[0].Card.Stages![k], Temperatures(students, k));
        return new()
        {
            Part = card.Part, Seeds = [.. networks.Select(network => network.Card.Seed)], Teacher = card.Teacher,
            Accuracy = best.Accuracy, Nll = best.Nll, Ece = best.Ece, Temperature = temperatures is null ? null : SeedStatistics.Of(temperatures),
            Validation = Figures(networks, network => network.Validation, null),
            TrainingConfidence = Sureness(networks, _ => 1),
            AsTeacher = k + 1 < students[0].Stages.Count && Temperatures(students, k + 1) is { } taught ? Sureness(networks, i => taught[i]) : null,
        };
    }

    static List<double>? Temperatures(IReadOnlyList<NetworkData> students, int k) =>
        students.All(student => student.Card.Stages![k].Temperature is not null) ? [.. students.Select(student => student.Card.Stages![k].Temperature!.Value)] : null;

    static ConfidenceFigures Sureness(IReadOnlyList<NetworkData> networks, Func<int, double> temperature)
    {
        var asked = networks.Select((network, i) => (Answers: network.Training!, Temperature: temperature(i))).ToList();
        var diversity = asked.Select(one => Uncertainty.Diversity(one.Answers.Values, one.Answers.Labels, one.Temperature)).ToList();
        return new(
            SeedStatistics.Of([.. asked.Select(one => Uncertainty.LabelConfidence(one.Answers.Values, one.Answers.Labels, one.Temperature))]),
            SeedStatistics.Of([.. asked.Select(one => Uncertainty.MeanEntropy(one.Answers.Values, one.Answers.Labels.Length, one.Temperature))]),
            SeedStatistics.Of([.. diversity.Select(one => one.Entropy)]), SeedStatistics.Of([.. diversity.Select(one => one.Variance)]),
            SeedStatistics.Of([.. diversity.Select(one => one.Histogram)]), SeedStatistics.Of([.. diversity.Select(one => (double)one.Floored)]));
    }

    static ScaledFigures Scaled(IReadOnlyList<NetworkData> networks)
    {
        var found = networks.Select(network =>
        {
            var temperature = TemperatureScaling.Fit(network.Validation.Values, network.Validation.Labels);
            var logits = TemperatureScaling.Apply(network.Test.Values, temperature);
            return (temperature, Nll: Likelihood.Nll(logits, network.Test.Labels), Ece: Calibration.ExpectedError(logits, network.Test.Labels));
        }).ToList();
        return new(SeedStatistics.Of([.. found.Select(one => one.temperature)]), SeedStatistics.Of([.. found.Select(one => one.Nll)]), SeedStatistics.Of([.. found.Select(one => one.Ece)]));
    }

    static LatencyFigures Latency(IReadOnlyList<LatencySamples> networks)
    {
        return new(networks[0].Engine, networks[0].Batch, networks[0].Threads, networks[0].Milliseconds.Count, At(0.1), At(0.5), At(0.9));

        SeedStatistics At(double share) => SeedStatistics.Of([.. networks.Select(network => Quantiles.Of(network.Milliseconds, share))]);
    }

    static double? Closed(ModelResults? teacher, ModelResults? control, ModelResults student)
    {
        if (teacher is null || control is null) return null;
        var gap = teacher.Accuracy.Mean - control.Accuracy.Mean;
        return gap > 0 ? (student.Accuracy.Mean - control.Accuracy.Mean) / gap : null;
    }
}
