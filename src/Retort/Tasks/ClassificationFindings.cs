using Retort.Runtime.Metrics;

namespace Retort.Tasks;

/// <summary>What is doubtful about the test scores of a run that classifies.</summary>
sealed class ClassificationFindings(LearningTask task, RunPredictions run)
{
    const int FewExamples = 10;                                            // of a class, in the test split
    const int FewSteps = 20;                                               // of a training
    const int FewestPairs = 3;                                             // for a verdict
    const int MostTimes = 20;                              // as many test examples as there are

    readonly Predictions _test = run.Students[0].Test;

    public IEnumerable<Finding> All() => [.. AtChance(), .. UnlikeSplits(), .. TestSplit(), .. RareClasses()];

    // networks that are not better than always saying the most frequent class
    IEnumerable<Finding> AtChance()
    {
        var labels = _test.Labels;
        var largest = labels.GroupBy(label => label).Max(group => group.Count());
        List<string> names = [];
        List<NetworkPredictions> weak = [];
        if (run.Teacher is { } teacher && IsWeak(teacher))
        {
            names.Add("the teacher");
            weak.Add(teacher);
        }
        Add("control", run.Controls);
        Add("student", run.Students);
        if (weak.Count > 0) yield return new(
            $"No better than always guessing the most frequent class "
                + $"({NumberFormat.Percent((double)largest / labels.Length, 1)} % of the test split): "
                + $"{string.Join(", ", names)}.",
            AdviceAfter(weak.Max(network => network.Steps)));

        bool IsWeak(NetworkPredictions network) =>
            Accuracy.CorrectCount(network.Test.Values, network.Test.Labels) <= largest;

        void Add(string role, IReadOnlyList<NetworkPredictions> networks)
        {
            var found = networks.Where(IsWeak).ToList();
            if (found.Count == 0) return;

            names.Add(Invariant($"the {role} of {found.Count} of {networks.Count} seeds"));
            weak.AddRange(found);
        }
    }

    // by the most steps of a network that has not learned; 0 where the run trained none of them
    static string AdviceAfter(long steps) => steps is 0 or >= FewSteps
        ? "Such a network has not learned: try a tenth of its learningRate, and maxGradientNorm 1."
        : Invariant($"A network learns nothing in so few steps ({steps}): more training.epochs or a smaller ")
            + "training.batchSize give more.";

    // a difference of three standard errors, which chance makes once in 370 runs
    IEnumerable<Finding> UnlikeSplits()
    {
        List<NetworkPredictions> networks = [.. run.Controls, .. run.Students];
        var validation = networks.Average(network => AccuracyOn(network.Validation));
        var test = networks.Average(network => AccuracyOn(network.Test));
        var error = Math.Sqrt(Variance(validation, networks[0].Validation.Count) + Variance(test, _test.Count));
        if (!(Math.Abs(validation - test) > 3 * error)) yield break;

        yield return new(
            $"Accuracy is {NumberFormat.Percent(validation, 1)} % on validation and {NumberFormat.Percent(test, 1)} % "
                + "on test, the mean of control and student: further apart than chance explains.",
            "Set apart more examples for both, or collect more; where the data has a test split of its own, look "
                + "whether its examples are of another kind.");
    }

    static double AccuracyOn(Predictions split) => Accuracy.Of(split.Values, split.Labels);

    static double Variance(double share, int count) => share * (1 - share) / count;

    // other test examples could have turned the difference
    IEnumerable<Finding> TestSplit()
    {
        if (run.Controls.Count < FewestPairs) yield break;

        var changes = task.Changes([.. run.Students.Zip(run.Controls, (one, other) => (one.Test, other.Test))])!;
        if (!changes.IsWithinMargin) yield break;

        yield return new(
            $"The {NumberFormat.Count(changes.Count)} test examples are too few for this difference: other examples "
                + $"alone move it by ±{NumberFormat.Points(changes.Margin, 1)} points, and it is "
                + $"{NumberFormat.SignedPoints(changes.Difference, 1)} points of accuracy.",
            NeededFor(changes) is var needed && needed <= MostTimes * changes.Count
                ? $"About {TwoDigits(needed)} would show it: set apart more (\"test\" in the recipe's data), or "
                    + "collect more. More seeds do not help."
                : $"Take student and control as equally good: about {TwoDigits(needed)} would be needed to show a "
                    + "difference as small as this. More seeds do not help.");
    }

    // the margin falls with 1 / √N
    static double NeededFor(ExampleChanges changes) =>
        changes.Count * Math.Pow(changes.Margin / changes.Difference, 2);

    static string TwoDigits(double needed)
    {
        var unit = Math.Pow(10, Math.Max(Math.Floor(Math.Log10(needed)) - 1, 0));
        return NumberFormat.Count((long)(Math.Ceiling(needed / unit) * unit));
    }

    IEnumerable<Finding> RareClasses()
    {
        var counts = new int[run.Data.Classes.Count];
        foreach (var label in _test.Labels) if (label >= 0) counts[label]++;
        List<int> rare = [.. Enumerable.Range(0, counts.Length).Where(k => counts[k] < FewExamples)];
        if (rare.Count == 0) yield break;

        const int shown = 3;
        var names = string.Join(", ", rare.Take(shown).Select(k =>
            Invariant($"\"{run.Data.Classes[k].Shortened(40)}\" ({counts[k]})")));
        yield return new(
            Invariant($"{rare.Count} of {counts.Length} classes have fewer than {FewExamples} test examples: {names}")
                + (rare.Count > shown ? ", …" : "") + ".",
            "Scores of single classes, and macro F1, say little then: set apart more examples for the test.");
    }
}
