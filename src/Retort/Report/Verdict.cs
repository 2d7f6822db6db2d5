using System.Text.Json;
using System.Text.Json.Serialization;
using Retort.Runs;

namespace Retort.Report;

/// <summary>
/// The primary score on test of a control and a student with the same initial weights and number of steps, and the same
/// order and augmentation where all examples have targets.
/// </summary>
public sealed record Pair(int Seed, double Control, double Student, double Difference);

/// <summary>What the paired differences show.</summary>
[JsonConverter(typeof(OutcomeNames))]
public enum Outcome { Undecided, Helped, Hurt }

sealed class OutcomeNames() : JsonStringEnumConverter<Outcome>(JsonNamingPolicy.CamelCase);

/// <summary>What a verdict is about.</summary>
/// <param name="Name"><c>distillation</c>, or the method's key where there is no teacher.</param>
/// <param name="Trainings">How many networks it trains one after another.</param>
/// <param name="Steps">Steps of each.</param>
public sealed record VerdictSubject(string Name, int Trainings, long Steps)
{
    /// <summary>Steps of all trainings and loops of the student.</summary>
    public long StepsInAll { get; init; } = Trainings * Steps;

    /// <summary>Steps of all trainings and loops of the control.</summary>
    public long ControlSteps { get; init; } = Steps;

    /// <summary>What the student is compared with.</summary>
    public string Control { get; init; } = "the same budget without it";

    /// <summary>The two networks of a pair.</summary>
    public string PairNames { get; init; } = "control and student";

    /// <summary>Learning from a teacher.</summary>
    public static VerdictSubject Distillation { get; } = new("distillation", 1, 0);
}

/// <summary>
/// Whether it helped, by the two-sided 95 % Student-t interval of the paired differences in the primary score on test.
/// </summary>
/// <param name="Outcome">
/// <c>helped</c> or <c>hurt</c> where at least three pairs give an interval without 0, else <c>undecided</c>.
/// </param>
/// <param name="Sentence">The same for people.</param>
/// <param name="Difference">Student - control.</param>
/// <param name="Count">How many pairs of control and student there are.</param>
public sealed record Verdict(
    Outcome Outcome, string Sentence, Interval Difference, [property: JsonPropertyName("pairs")] int Count)
{
    /// <summary>Below this many pairs nothing is decided.</summary>
    public const int MinPairs = 3;

    const string Undecided = "undecided: ";

    /// <summary>The sentence without the outcome, for where that stands before it.</summary>
    [JsonIgnore]
    public string SentenceAfterOutcome =>
        Sentence.StartsWith(Undecided, StringComparison.Ordinal) ? Sentence[Undecided.Length..] : Sentence;

    /// <summary>The verdict on these pairs; the sentence adds what else a reader must know.</summary>
    /// <param name="score">The primary score.</param>
    /// <param name="pairs">Control and student of each seed.</param>
    /// <param name="examples">Sizes of the splits.</param>
    /// <param name="searched">The best of each on validation, where both were searched.</param>
    /// <param name="subject">What is judged; distillation where it is left out.</param>
    public static Verdict Of(Score score, IReadOnlyList<Pair> pairs, SplitSizes examples,
        (double Control, double Student)? searched, VerdictSubject? subject = null)
    {
        subject ??= VerdictSubject.Distillation;
        var verdict = Of(score, pairs, subject);
        var sentence = verdict.Sentence;
        if (subject.Trainings > 1 || subject.StepsInAll != subject.ControlSteps)
            sentence += (subject.Trainings > 1 ? $"; it trained {subject.Trainings} networks one after another, "
                : "; it took ")
                + $"{NumberFormat.Count(subject.StepsInAll)} steps in all to the control's "
                + NumberFormat.Count(subject.ControlSteps);
        if (subject.Name == VerdictSubject.Distillation.Name && examples.Labelled < examples.Training)
            sentence += $"; the control saw the {NumberFormat.Count(examples.Labelled)} labelled examples only";
        if (searched is { } best && !score.IsBetter(best.Student, best.Control))
            sentence += $"; in the search nothing {(score.HigherIsBetter ? "lifted" : "brought")} the method "
                + $"{(score.HigherIsBetter ? "above" : "below")} the control's best on validation "
                + $"({score.Short(best.Student)} against {score.ShortWithUnit(best.Control)})";
        return verdict with { Sentence = sentence };
    }

    /// <summary>The verdict on the differences alone.</summary>
    internal static Verdict Of(Score score, IReadOnlyList<Pair> pairs, VerdictSubject subject)
    {
        var interval = Interval.Of([.. pairs.Select(pair => pair.Difference)]);
        var (better, worse) = score.HigherIsBetter
            ? (interval.Low > 0, interval.High < 0) : (interval.High < 0, interval.Low > 0);
        var outcome = pairs.Count < MinPairs ? Outcome.Undecided
            : better ? Outcome.Helped
            : worse ? Outcome.Hurt
            : Outcome.Undecided;
        return new(outcome, Write(score, outcome, interval, pairs.Count, subject), interval, pairs.Count);
    }

    static string Write(Score score, Outcome outcome, Interval difference, int pairs, VerdictSubject subject)
    {
        var mean = difference.Mean;
        var (low, high) = (difference.Low ?? mean, difference.High ?? mean);
        var digits = score.DifferenceDigits(mean, low, high);
        var unit = score.DifferenceUnit() is { Length: > 0 } name ? $" {name}" : "";
        var signed = $"{Signed(mean)}{unit} of {score.Title}";
        if (pairs < MinPairs)
            return $"{Undecided}{pairs} {(pairs == 1 ? "pair" : "pairs")} of {subject.PairNames}, at least "
                + $"{MinPairs} are needed; so far the difference is {signed}";

        var equal = low == high;
        if (outcome == Outcome.Undecided)
            return equal ? $"{Undecided}{subject.PairNames} have the same test {score.Title} in each of {pairs} pairs"
                : $"{Undecided}the difference of {pairs} pairs is {signed}, and its 95 % interval, {Signed(low)} to "
                    + $"{Signed(high)}, covers 0";

        var amount = $"{Plain(Math.Abs(mean))}{unit}";
        var range = equal ? $"(the same in each of {pairs} pairs, so that the interval has no width)"
            : mean > 0 ? $"({Plain(low)} to {Plain(high)})" : $"({Plain(-high)} to {Plain(-low)})";
        return (outcome, score.HigherIsBetter) switch
        {
            (Outcome.Helped, true) => $"{subject.Name} gained {amount} of {score.Title} {range} over {subject.Control}",
            (_, true) => $"{subject.Name} lost {amount} of {score.Title} {range} against {subject.Control}",
            (Outcome.Helped, _) =>
                $"{subject.Name} lowered the {score.Title} by {amount} {range} against {subject.Control}",
            _ => $"{subject.Name} raised the {score.Title} by {amount} {range} against {subject.Control}",
        };

        string Plain(double value) => NumberFormat.Fixed(score.ToAxis(value), digits);
        string Signed(double value) => NumberFormat.Signed(score.ToAxis(value), digits);
    }
}
