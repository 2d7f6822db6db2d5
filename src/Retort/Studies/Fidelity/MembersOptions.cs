namespace Retort.Studies.Fidelity;

/// <summary>F4: more and more teachers in an ensemble.</summary>
public sealed record MembersOptions : ClaimOptions
{
    /// <summary>The number of teachers in an ensemble, rising.</summary>
    [NotEmpty, AtLeast(1)] public IReadOnlyList<int> Members { get; init; } = [1, 3, 5];

    internal override string Id => "F4";

    internal override string Says =>
        "Larger ensembles are easier to match: agreement rises and KL falls with the number of members, while the "
        + "student's accuracy levels off.";

    internal override string? Lacks(StudySetting setting)
    {
        var rises = Members.Count > 1 && Members.Zip(Members.Skip(1)).All(pair => pair.Second > pair.First);
        return rises ? null : $"members must be at least 2 numbers, rising; they are [{string.Join(", ", Members)}]";
    }

    internal override IReadOnlyList<Arm> Arms(Planner planner) =>
        [.. Members.Select(members => new Arm(Name(members), members, seed => planner.Student(seed, members)))];

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found)
    {
        var arms = found.Arms;
        return
        [
            new("agreement rises with the members",
                ClaimText.Percents(found, arms, ClaimText.Agreement),
                found.Rises(arms, ClaimText.Agreement)),
            new("KL falls with the members",
                ClaimText.Numbers(found, arms, ClaimText.Kl),
                found.Falls(arms, ClaimText.Kl)),
            new("the teacher's accuracy rises with the members",
                ClaimText.Percents(found, arms, row => row.Figures.TeacherAccuracy),
                found.Rises(arms, row => row.Figures.TeacherAccuracy)),
            EnsemblesOptions.LessAccurate(found, arms[^1]),
        ];
    }

    static string Name(int members) => Invariant($"{members}");
}
