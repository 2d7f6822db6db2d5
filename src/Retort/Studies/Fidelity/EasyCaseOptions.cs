using Retort.Data.Augmentation;

namespace Retort.Studies.Fidelity;

/// <summary>F1: more and more distillation data for a student of its teacher's size.</summary>
public sealed record EasyCaseOptions : ClaimOptions
{
    /// <summary>Numbers of distillation examples; the first is the number of the teacher's labels.</summary>
    [NotEmpty, AtLeast(1)] public IReadOnlyList<int> Sizes { get; init; } = [100, 300, 600, 1200];

    /// <summary>The augmentation of a last step with the largest size; without any there is no such step.</summary>
    public IReadOnlyList<AugmentationOptions> Augmentation { get; init; } = [];

    /// <summary>The least agreement on test at the largest size.</summary>
    [Share] public double Agreement { get; init; } = 0.98;

    /// <summary>The least gain over the control's agreement, at every size of at least three times the first.</summary>
    [Share] public double Gain { get; init; } = 0.04;

    internal override string Id => "F1";

    internal override string Says =>
        "In an easy case more distillation data brings agreement to about 100 % and the student's accuracy to the "
        + "teacher's.";

    internal override string? Lacks(StudySetting setting)
    {
        if (setting.LabelledExamples != Sizes[0])
            return "sizes must begin with the teacher's examples, the setting's labelledExamples; "
                + Invariant($"they begin with {Sizes[0]}");

        var rises = Sizes.Zip(Sizes.Skip(1)).All(pair => pair.Second > pair.First);
        return rises && Sizes[^1] >= 3 * Sizes[0] ? null
            : $"sizes must rise to at least three times the first; they are [{string.Join(", ", Sizes)}]";
    }

    internal override IReadOnlyList<Arm> Arms(Planner planner)
    {
        List<Arm> arms = [.. Sizes.Select(size => NewArm(Name(size), size, size, planner.Setting.Augmentation))];
        var largest = Sizes[^1];
        if (Augmentation.Count > 0)
            arms.Add(NewArm($"{Name(largest)} augmented", 2.0 * largest, largest, Augmentation));
        return arms;

        Arm NewArm(string name, double x, int count, IReadOnlyList<AugmentationOptions> augmentation) =>
            new(name, x, seed => planner.Student(seed) with
            {
                Examples = new() { Count = count, Augmentation = augmentation },
            });
    }

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found)
    {
        var (first, last) = (Name(Sizes[0]), Name(Sizes[^1]));
        List<string> larger = [.. Sizes.Where(size => size >= 3 * Sizes[0]).Select(Name)];
        var gains = string.Join(", ",
            larger.Select(size => NumberFormat.SignedPoints(found.Mean(size, ClaimEvidence.Gain))));
        var gap = found.Mean(last, ClaimText.OverTeacher);
        var firstGain = Interval.Of(found.Of(first, ClaimEvidence.Gain).Values);
        return
        [
            new("agreement rises with the data",
                ClaimText.Percents(found, found.Arms, ClaimText.Agreement),
                found.Rises(found.Arms, ClaimText.Agreement)),
            new("KL falls with the data",
                ClaimText.Numbers(found, found.Arms, ClaimText.Kl),
                found.Falls(found.Arms, ClaimText.Kl)),
            new($"at {last} examples agreement is at least {NumberFormat.Percent(Agreement, 0)} %",
                ClaimText.Percent(found.Of(last, ClaimText.Agreement)),
                found.Mean(last, ClaimText.Agreement) >= Agreement),
            new("from three times the first size on, agreement is at least "
                + $"{NumberFormat.Points(Gain, 0)} points over the control's",
                $"{gains} points",
                larger.Count > 0 && larger.All(size => found.Mean(size, ClaimEvidence.Gain) >= Gain)),
            ClaimText.NoLarger("on the first examples alone it is no larger than the control's", firstGain, Gain),
            new($"at {last} examples the student's accuracy is the teacher's within a point",
                $"{NumberFormat.SignedPoints(gap, 2)} points",
                Math.Abs(gap) <= 0.01),
            ClaimText.Larger(found,
                "agreement on the distillation data moves the other way: it is larger at the first step than at the "
                + "last",
                first, found.Arms[^1], ClaimText.TrainAgreement),
        ];
    }

    static string Name(int size) => Invariant($"{size}");
}
