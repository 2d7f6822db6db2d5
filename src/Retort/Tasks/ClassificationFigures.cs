using Retort.Runtime.Metrics;

namespace Retort.Tasks;

/// <summary>Computes the details of a classification run from its stored predictions.</summary>
sealed class ClassificationFigures(RunPredictions run, ConfusionShares shares)
{
    const int MostConfusions = 20, MostMisclassified = 24;

    readonly IReadOnlyList<string> _classes = run.Data.Classes;

    public ClassificationDetails Compute() => new()
    {
        Teacher = run.Teacher is null ? null : Model([run.Teacher]),
        Control = run.Controls.Count == 0 ? null : Model(run.Controls),
        Student = Model(run.Students),
        Stages = Stages(),
        Classes = Classes(),
        Confusions = Confusions(),
        Misclassified = Misclassified(),
    };

    static ModelDetails Model(IReadOnlyList<NetworkPredictions> networks) => new()
    {
        Scaled = Scaled(networks),
        TrainingConfidence = Confidence(networks, _ => 1),
        Reliability = Calibration.Bins(
            [.. networks.SelectMany(network => network.Test.Values)],
            [.. networks.SelectMany(network => network.Test.Labels)]),
    };

    static ScaledScores Scaled(IReadOnlyList<NetworkPredictions> networks)
    {
        List<double> temperatures = [], nlls = [], eces = [];
        foreach (var network in networks)
        {
            var temperature = TemperatureScaling.Fit(network.Validation.Values, network.Validation.Labels);
            var logits = TemperatureScaling.Apply(network.Test.Values, temperature);
            temperatures.Add(temperature);
            nlls.Add(Likelihood.Nll(logits, network.Test.Labels));
            eces.Add(Calibration.ExpectedError(logits, network.Test.Labels));
        }
        return new(SeedStatistics.Of(temperatures), SeedStatistics.Of(nlls), SeedStatistics.Of(eces));
    }

    // null where a network's predictions on the training examples were not stored
    static TrainingConfidence? Confidence(IReadOnlyList<NetworkPredictions> networks, Func<int, double> temperature)
    {
        if (networks.Any(network => network.Training is null)) return null;

        var seeds = networks.Select((network, i) =>
            (network.Training!.Values, network.Training.Labels, Temperature: temperature(i))).ToList();
        var diversity = seeds
            .Select(seed => Uncertainty.Diversity(seed.Values, seed.Labels, seed.Temperature)).ToList();
        return new(
            SeedStatistics.Of([.. seeds.Select(
                seed => Uncertainty.LabelConfidence(seed.Values, seed.Labels, seed.Temperature))]),
            SeedStatistics.Of([.. seeds.Select(
                seed => Uncertainty.MeanEntropy(seed.Values, seed.Labels.Length, seed.Temperature))]),
            SeedStatistics.Of([.. diversity.Select(one => one.Entropy)]),
            SeedStatistics.Of([.. diversity.Select(one => one.Variance)]),
            SeedStatistics.Of([.. diversity.Select(one => one.Histogram)]),
            SeedStatistics.Of([.. diversity.Select(one => (double)one.Floored)]));
    }

    List<StageConfidence>? Stages()
    {
        var count = run.Students[0].Stages.Count;
        List<StageConfidence> stages = [];
        for (var k = 0; k < count; k++)
        {
            List<NetworkPredictions> networks = [.. run.Students.Select(student => student.Stages[k].Predictions)];
            if (Confidence(networks, _ => 1) is not { } plain) return null;

            var taughtAt = k + 1 < count ? StageTemperatures(run, k + 1) : null;
            stages.Add(new(run.Students[0].Stages[k].Stage.Part, plain,
                taughtAt is null ? null : Confidence(networks, i => taughtAt[i])));
        }
        return count == 0 ? null : stages;
    }

    /// <summary>The temperature of a stage's distillation loss, seed by seed; null for a stage without one.</summary>
    public static List<double>? StageTemperatures(RunPredictions run, int k)
    {
        var found = run.Students.Select(student => student.Stages[k].Stage.Temperature).ToList();
        if (found.Any(temperature => temperature is null)) return null;

        return [.. found.Select(temperature => temperature!.Value)];
    }

    List<ClassAccuracy> Classes()
    {
        var counts = ConfusionCounts.Counts([.. run.Students.Select(network => network.Test)]);
        return [.. _classes.Select((name, c) => new ClassAccuracy(name, counts[c].Sum() / run.Students.Count,
            shares.Teacher?[c][c], shares.Control?[c][c], shares.Student[c][c]))];
    }

    List<Confusion> Confusions() =>
    [
        .. (from label in Enumerable.Range(0, _classes.Count)
            from predicted in Enumerable.Range(0, _classes.Count)
            where label != predicted && shares.Student[label][predicted] > 0
            orderby shares.Student[label][predicted] descending, label, predicted
            select new Confusion(_classes[label], _classes[predicted], shares.Teacher?[label][predicted],
                shares.Control?[label][predicted], shares.Student[label][predicted])).Take(MostConfusions),
    ];

    List<Misclassified> Misclassified()
    {
        if (run.Teacher is not { Test: var teacher }) return [];

        var correct = ConfusionCounts.PredictedClasses(teacher);
        var students = run.Students.Select(network => ConfusionCounts.PredictedClasses(network.Test)).ToList();
        var controls = run.Controls.Select(network => ConfusionCounts.PredictedClasses(network.Test)).ToList();
        return
        [
            .. Enumerable.Range(0, correct.Length)
                .Where(i => correct[i] == teacher.Labels[i])
                .Where(i => students.Any(predicted => predicted[i] != teacher.Labels[i]))
                .Select(Example)
                .OrderByDescending(one => one.StudentsWrong).ThenByDescending(one => one.Confidence)
                .ThenBy(one => one.Position)
                .Take(MostMisclassified),
        ];

        Misclassified Example(int i)
        {
            var label = teacher.Labels[i];
            var wrong = students.Select(predicted => predicted[i]).Where(predicted => predicted != label)
                .GroupBy(predicted => predicted)
                .OrderByDescending(group => group.Count()).ThenBy(group => group.Key).First().Key;
            var confidence = run.Students.Where((_, k) => students[k][i] == wrong)
                .Average(network => LogitRows.Confidence(network.Test.Row(i)));
            return new(teacher.Ids[i], i, _classes[(int)label], _classes[wrong], confidence,
                LogitRows.Confidence(teacher.Row(i)), students.Count(predicted => predicted[i] != label),
                controls.Count(predicted => predicted[i] != label));
        }
    }
}
