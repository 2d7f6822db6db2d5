using System.Text.Json.Serialization;
using Retort.Runs;
using Retort.Training;

namespace Retort.Report;

/// <summary>A control and a student that share initial weights and steps, and order and augmentation where all examples have labels; accuracies on test.</summary>
public sealed record Pair(int Seed, double Control, double Student, double Difference);

/// <summary>What the paired differences allow to say.</summary>
[JsonConverter(typeof(OutcomeNames))]
public enum Outcome { Undecided, Helped, Hurt }

sealed class OutcomeNames() : JsonStringEnumConverter<Outcome>(System.Text.Json.JsonNamingPolicy.CamelCase);

/// <summary>What a verdict is about.</summary>
/// <param name="Name"><c>distillation</c>, or the method's key where it does without a teacher.</param>
/// <param name="Trainings">How many networks it trains one after another.</param>
/// <param name="Steps">Of each, and of the control.</param>
public sealed record VerdictSubject(string Name, int Trainings, long Steps)
{
    /// <summary>Learning from a teacher.</summary>
    public static VerdictSubject Distillation { get; } = new("distillation", 1, 0);
}

/// <summary>Whether it helped, by the two-sided 95 % Student-t interval of the paired differences in test accuracy.</summary>
/// <param name="Outcome"><c>helped</c> or <c>hurt</c> where at least three pairs give an interval without 0, else <c>undecided</c>.</param>
/// <param name="Sentence">The same for people.</param>
/// <param name="Difference">Student - control, as a fraction.</param>
/// <param name="Count">How many pairs of control and student there are.</param>
public sealed record Verdict(Outcome Outcome, string Sentence, Interval Difference, [property: JsonPropertyName("pairs")] int Count)
{
    /// <summary>Below this many pairs nothing is decided.</summary>
    public const int Fewest = 3;

    /// <summary>The verdict on these pairs; what else a reader must know is added to the sentence.</summary>
    /// <param name="pairs">Control and student.</param>
    /// <param name="examples">Of the data.</param>
    /// <param name="searched">The best of each on validation, where both had a search.</param>
    /// <param name="subject">What is judged; distillation where it is left out.</param>
    public static Verdict Of(IReadOnlyList<Pair> pairs, SplitSizes examples, (double Control, double Student)? searched, VerdictSubject? subject = null)
    {
        subject ??= VerdictSubject.Distillation;
        var differences = pairs.Select(pair => pair.Difference).ToList();
        var interval = Interval.Of(differences);
        var outcome = pairs.Count < Fewest ? Outcome.Undecided
            : interval.Low > 0 ? Outcome.Helped
            : interval.High < 0 ? Outcome.Hurt
            : Outcome.Undecided;
        var said = Said(outcome, interval, pairs.Count, subject.Name);
        if (subject.Trainings > 1)
            said += $"; it trained {subject.Trainings} networks one after another, {NumberFormat.Count(subject.Trainings * subject.Steps)} steps in all to the control's {NumberFormat.Count(subject.Steps)}";
        if (subject == VerdictSubject.Distillation && examples.Labelled < examples.Training)
            said += $"; the control saw the {NumberFormat.Count(examples.Labelled)} labelled examples only";
        if (searched is { } best && best.Student <= best.Control)
            said += "; in the search nothing lifted the method above the control's best on validation "
                + $"({NumberFormat.Percent(best.Student, 1)} against {NumberFormat.Percent(best.Control, 1)} %)";
        return new(outcome, said, interval, pairs.Count);
    }

    static string Said(Outcome outcome, Interval difference, int pairs, string subject)
    {
        var (mean, low, high) = (difference.Mean, difference.Low ?? difference.Mean, difference.High ?? difference.Mean);
        var digits = NumberFormat.PointDigits(mean, low, high);
        var signed = NumberFormat.SignedPoints(mean, digits);
        if (pairs < Fewest)
            return $"undecided: {pairs} {(pairs == 1 ? "pair" : "pairs")} of control and student, at least {Fewest} are needed; "
                + $"so far the difference is {signed} points";
        var equal = low == high;
        return outcome switch
        {
            Outcome.Helped => $"{subject} gained {NumberFormat.Points(mean, digits)} points {Range(low, high)} over the same budget without it",
            Outcome.Hurt => $"{subject} lost {NumberFormat.Points(-mean, digits)} points {Range(-high, -low)} against the same budget without it",
            _ when equal => $"undecided: control and student have the same test accuracy in each of {pairs} pairs",
            _ => $"undecided: the difference of {pairs} pairs is {signed} points, and its 95 % interval, "
                + $"{NumberFormat.SignedPoints(low, digits)} to {NumberFormat.SignedPoints(high, digits)}, covers 0",
        };

        string Range(double from, double to) => equal
            ? $"(the same in each of {pairs} pairs, so that the interval has no width)"
            : $"({NumberFormat.Points(from, digits)} to {NumberFormat.Points(to, digits)})";
    }
}
