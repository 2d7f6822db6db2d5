using Retort.Runs;
using Retort.Training;
using Retort.Recipes;
using Retort.Data.Augmentation;
using Retort.Report;

namespace Retort.Studies.Fidelity;

/// <summary>F1: a student of its teacher's own size is given ever more data that the teacher answers to.</summary>
public sealed record EasyCaseOptions : ClaimOptions
{
    /// <summary>Examples that are distilled on; the first as many as the teacher's labels.</summary>
    [NotEmpty, AtLeast(1)] public IReadOnlyList<int> Sizes { get; init; } = [100, 300, 600, 1200];

    /// <summary>A last step: the largest size under this augmentation; none: there is no such step.</summary>
    public IReadOnlyList<AugmentationOptions> Augmentation { get; init; } = [];

    /// <summary>What agreement on test must come to at the largest size.</summary>
    [Share] public double Agreement { get; init; } = 0.98;

    /// <summary>What it must have over the control's, at every size of at least three times the first.</summary>
    [Share] public double Gain { get; init; } = 0.04;

    internal override string? Lacks(StudySetting setting) =>
        setting.LabelledExamples != Sizes[0]
            ? "sizes must begin with the teacher's examples, the setting's labelledExamples; "
                + FormattableString.Invariant($"they begin with {Sizes[0]}")
        : !Sizes.Zip(Sizes.Skip(1)).All(pair => pair.Second > pair.First) || Sizes[^1] < 3 * Sizes[0]
            ? $"sizes must rise to at least three times the first; they are [{string.Join(", ", Sizes)}]" : null;

    internal override string Id => "F1";
    internal override string Says =>
        "In an easy case more distillation data brings agreement to about 100 % and the student's accuracy to "
            + "the teacher's.";

    internal override IReadOnlyList<Arm> Arms(Planner planner)
    {
        List<Arm> arms =
        [
            .. Sizes.Select(
                size => Step(Name(size), size, new() { Count = size, Augmentation = planner.Setting.Augmentation })),
        ];
        if (Augmentation.Count > 0)
            arms.Add(Step(
                $"{Name(Sizes[^1])} augmented", 2.0 * Sizes[^1],
                new() { Count = Sizes[^1], Augmentation = Augmentation }));
        return arms;

        Arm Step(string name, double x, DistillationSet lesson) =>
            new(name, x, seed => planner.Student(seed) with { Examples = lesson });
    }

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found)
    {
        List<string> sizes = [.. Sizes.Select(Name)];
        var (first, last) = (sizes[0], sizes[^1]);
        List<string> larger = [.. Sizes.Where(size => size >= 3 * Sizes[0]).Select(Name)];
        var gap = found.Mean(last, ClaimText.OverTeacher);
        var gains = larger.Select(size => NumberFormat.SignedPoints(found.Mean(size, ClaimEvidence.Gain)));
        var own = Interval.Of(found.Of(first, ClaimEvidence.Gain).Values);
        return
        [
            new(
                "agreement rises with the data", ClaimText.Percents(found, found.Arms, ClaimText.Agreement),
                found.Rises(found.Arms, ClaimText.Agreement)),
            new(
                "KL falls with the data", ClaimText.Numbers(found, found.Arms, ClaimText.Kl),
                found.Falls(found.Arms, ClaimText.Kl)),
            new(
                $"at {last} examples agreement is at least {NumberFormat.Percent(Agreement, 0)} %",
                ClaimText.Percent(found.Of(last, ClaimText.Agreement)),
                found.Mean(last, ClaimText.Agreement) >= Agreement),
            new(
                $"from three times the first size on, agreement is at least {NumberFormat.Points(Gain, 0)} "
                    + "points over the control's",
                $"{string.Join(", ", gains)} points",
                larger.Count > 0 && larger.All(size => found.Mean(size, ClaimEvidence.Gain) >= Gain)),
            ClaimText.NoLarger("on the first examples alone it is no larger than the control's", own, Gain),
            new(
                $"at {last} examples the student's accuracy is the teacher's within a point",
                $"{NumberFormat.SignedPoints(gap, 2)} points", Math.Abs(gap) <= 0.01),
            ClaimText.Larger(
                found,
                "agreement on the distillation data moves the other way: it is larger at the first step than "
                    + "at the last",
                first, found.Arms[^1], ClaimText.TrainAgreement),
        ];
    }

    static string Name(int size) => FormattableString.Invariant($"{size}");
}
