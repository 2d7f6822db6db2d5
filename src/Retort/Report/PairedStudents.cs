using System.Text.Json.Serialization;

namespace Retort.Report;

/// <summary>
/// The difference between the students of two runs in the primary score on test, paired by seed: first − second.
/// </summary>
public sealed record PairedStudents
{
    /// <summary>The run of the first student.</summary>
    public required string First { get; init; }

    /// <summary>The run of the second student.</summary>
    public required string Second { get; init; }

    /// <summary>
    /// The run whose student is better: at least three seeds give an interval without 0. Null for undecided.
    /// </summary>
    public required string? Better { get; init; }

    /// <summary>The same for people.</summary>
    public required string Sentence { get; init; }

    /// <summary>First − second, with the 95 % Student-t interval over the seeds.</summary>
    public required Interval Difference { get; init; }

    /// <summary>Seed by seed.</summary>
    public required IReadOnlyList<PairedSeed> Seeds { get; init; }

    /// <summary>The difference over the test examples; absent for a task that does not predict one class.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PairedExamples? Examples { get; init; }

    /// <summary>Compares two runs that <see cref="PairingRule"/> allows to be paired.</summary>
    internal static PairedStudents Of(NamedRun first, NamedRun second)
    {
        var (task, name) = (first.Data.Task, first.Data.Task.Primary.Name);
        List<(NetworkData One, NetworkData Other)> students =
        [
            .. first.Data.Students.Select(
                one => (one, PairingRule.NetworkOf(second.Data.Students, one.Config.Seed))),
        ];
        List<Pair> pairs = [.. students.Select(PairOf)];
        var verdict = Verdict.Of(task.Primary, pairs, new(first.Name, 1, 0)
        {
            Control = second.Name, PairNames = $"{first.Name} and {second.Name}",
        });
        var changes = task.Changes([.. students.Select(pair => (Test(pair.One), Test(pair.Other)))]);
        return new()
        {
            First = first.Name,
            Second = second.Name,
            Better = verdict.Outcome switch
            {
                Outcome.Helped => first.Name,
                Outcome.Hurt => second.Name,
                _ => null,
            },
            Sentence = (verdict.Outcome == Outcome.Undecided
                ? $"{first.Name} − {second.Name} is undecided: {verdict.SentenceAfterOutcome}" : verdict.Sentence)
                + ExamplesText(changes) + StepsText(first, second),
            Difference = verdict.Difference,
            Seeds = [.. pairs.Select(pair => new PairedSeed(pair.Seed, pair.Student, pair.Control, pair.Difference))],
            Examples = changes is null ? null : new((double)changes.Gained / changes.Pairs,
                (double)changes.Lost / changes.Pairs, changes.Margin),
        };

        Pair PairOf((NetworkData One, NetworkData Other) pair)
        {
            var (scores, its) = (Ranking.Evaluated(first.Data, pair.One), Ranking.Evaluated(second.Data, pair.Other));
            var difference = task.Difference(Test(pair.One), Test(pair.Other), scores, its);
            return new(pair.One.Config.Seed, its[name], scores[name], difference);
        }

        static Predictions Test(NetworkData network) => network.Predictions.Test;
    }

    static string ExamplesText(ExampleChanges? changes) => changes is not { IsWithinMargin: true } ? ""
        : $"; the {NumberFormat.Count(changes.Count)} test examples are too few for this difference, and more seeds do "
            + $"not help: other examples alone move it by ±{NumberFormat.Points(changes.Margin, 1)} points of accuracy";

    static string StepsText(NamedRun first, NamedRun second)
    {
        var (one, other) = (first.Data.Students[0].StepsInAll, second.Data.Students[0].StepsInAll);
        return one == other ? ""
            : $"; {first.Name} took {NumberFormat.Count(one)} steps in all, {second.Name} {NumberFormat.Count(other)}";
    }
}

/// <summary>The primary score of two students of one seed, and their difference.</summary>
public sealed record PairedSeed(int Seed, double First, double Second, double Difference);

/// <summary>Two students over the test examples, mean over the seeds.</summary>
/// <param name="OnlyFirst">How many examples only the first predicts correctly.</param>
/// <param name="OnlySecond">How many examples only the second predicts correctly.</param>
/// <param name="Margin">
/// 1.96 √(onlyFirst + onlySecond) / N: a difference in accuracy below it may be due to these N examples.
/// </param>
public sealed record PairedExamples(double OnlyFirst, double OnlySecond, double Margin);
