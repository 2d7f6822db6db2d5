namespace Retort.Studies.Fidelity;

/// <summary>F3: more distillation data for a student of an ensemble of teachers.</summary>
public sealed record EnsemblesOptions : ClaimOptions
{
    /// <summary>The number of teachers in an ensemble; more than 1.</summary>
    [NotEmpty, AtLeast(2)] public IReadOnlyList<int> Members { get; init; } = [3, 5];

    /// <summary>The data, growing from step to step.</summary>
    [Count(2, int.MaxValue, SeveralRule)] public required IReadOnlyList<DataPolicy> Policies { get; init; }

    internal override string Id => "F3";

    internal override string Says =>
        "For ensembles the two go together: with more data agreement and accuracy both rise, and the student stays "
        + "behind its teacher.";

    internal override IReadOnlyList<Arm> Arms(Planner planner) =>
    [
        .. Members.SelectMany(members => Policies.Select((policy, i) => new Arm(Name(members, policy), i,
            seed => planner.Student(seed, policy) with { Teachers = planner.Teachers(seed, members) }))),
    ];

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found) =>
    [
        .. Members.SelectMany(members => (ClaimCheck[])
        [
            ClaimText.Larger(found, Invariant($"of {members}: agreement rises"),
                Name(members, Policies[^1]), Name(members, Policies[0]), ClaimText.Agreement),
            ClaimText.Larger(found, Invariant($"of {members}: accuracy rises"),
                Name(members, Policies[^1]), Name(members, Policies[0]), ClaimText.Accuracy),
        ]),
        LessAccurate(found, Name(Members[^1], Policies[^1])),
    ];

    /// <summary>Whether the student is significantly less accurate than its teacher.</summary>
    internal static ClaimCheck LessAccurate(ClaimEvidence found, string arm)
    {
        var gap = Interval.Of(found.Of(arm, ClaimText.OverTeacher).Values);
        return new($"with \"{arm}\" the student is less accurate than its teacher",
            ClaimText.Points(gap), gap.High < 0);
    }

    static string Name(int members, DataPolicy policy) => Invariant($"{members} × {policy.Title}");
}
