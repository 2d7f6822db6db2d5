using Retort.Runs;
using Retort.Training;
using Retort.Recipes;
using Retort.Report;

namespace Retort.Studies.Fidelity;

/// <summary>F2: more distillation data for a student of one teacher of its own kind.</summary>
public sealed record TensionOptions : ClaimOptions
{
    /// <summary>The data, growing from step to step.</summary>
    [Count(2, int.MaxValue, SeveralRule)] public required IReadOnlyList<DataPolicy> Policies { get; init; }

    internal override string Id => "F2";
    internal override string Says =>
        "In self-distillation fidelity and accuracy pull against each other: with more data agreement rises "
            + "and accuracy does not.";

    internal override IReadOnlyList<Arm> Arms(Planner planner) => planner.Along(Policies);

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found)
    {
        var (first, last) = (found.Arms[0], found.Arms[^1]);
        var (agreement, accuracy) = (
            found.Difference(last, first, ClaimText.Agreement), found.Difference(last, first, ClaimText.Accuracy));
        return
        [
            ClaimText.Larger(
                found, $"agreement is larger with \"{last}\" than with \"{first}\"", last, first, ClaimText.Agreement),
            ClaimText.NoLarger(
                "accuracy is not, and less of it is gained than of agreement", accuracy,
                Math.Clamp(agreement.Mean, 0, ClaimText.Nothing)),
        ];
    }
}

/// <summary>F3: the same for a student of several teachers at once.</summary>
public sealed record EnsemblesOptions : ClaimOptions
{
    /// <summary>How many teachers answer together; more than 1.</summary>
    [NotEmpty, AtLeast(2)] public IReadOnlyList<int> Members { get; init; } = [3, 5];

    /// <summary>The data, growing from step to step.</summary>
    [Count(2, int.MaxValue, SeveralRule)] public required IReadOnlyList<DataPolicy> Policies { get; init; }

    internal override string Id => "F3";
    internal override string Says =>
        "For ensembles the two go together: with more data agreement and accuracy both rise, and the student "
            + "stays behind its teacher.";

    internal override IReadOnlyList<Arm> Arms(Planner planner) =>
    [
        .. Members.SelectMany(members => Policies.Select((policy, i) => new Arm(Name(members, policy), i,
            seed => planner.Student(seed, policy) with { Teachers = planner.Teachers(seed, members) }))),
    ];

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found) =>
    [
        .. Members.SelectMany(members => (ClaimCheck[])
        [
            ClaimText.Larger(
                found, FormattableString.Invariant($"of {members}: agreement rises"), Name(members, Policies[^1]),
                Name(members, Policies[0]), ClaimText.Agreement),
            ClaimText.Larger(
                found, FormattableString.Invariant($"of {members}: accuracy rises"), Name(members, Policies[^1]),
                Name(members, Policies[0]), ClaimText.Accuracy),
        ]),
        Behind(found, Name(Members[^1], Policies[^1])),
    ];

    /// <summary>That the student is worse than its teacher beyond chance.</summary>
    internal static ClaimCheck Behind(ClaimEvidence found, string arm)
    {
        var gap = Interval.Of(found.Of(arm, ClaimText.OverTeacher).Values);
        return new(
            $"with \"{arm}\" the student is less accurate than its teacher", ClaimText.Points(gap), gap.High < 0);
    }

    static string Name(int members, DataPolicy policy) => FormattableString.Invariant($"{members} × {policy.Title}");
}

/// <summary>F4: ever more teachers at once.</summary>
public sealed record MembersOptions : ClaimOptions
{
    /// <summary>How many teachers answer together, rising.</summary>
    [NotEmpty, AtLeast(1)] public IReadOnlyList<int> Members { get; init; } = [1, 3, 5];

    internal override string? Lacks(StudySetting setting) =>
        Members.Count > 1 && Members.Zip(Members.Skip(1)).All(pair => pair.Second > pair.First) ? null
        : $"members must be at least 2 numbers, rising; they are [{string.Join(", ", Members)}]";

    internal override string Id => "F4";
    internal override string Says =>
        "Larger ensembles are easier to match: agreement rises and KL falls with the number of members, while "
            + "the student's accuracy levels off.";

    internal override IReadOnlyList<Arm> Arms(Planner planner) =>
        [.. Members.Select(members => new Arm(Name(members), members, seed => planner.Student(seed, members)))];

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found)
    {
        var arms = found.Arms;
        return
        [
            new(
                "agreement rises with the members", ClaimText.Percents(found, arms, ClaimText.Agreement),
                found.Rises(arms, ClaimText.Agreement)),
            new(
                "KL falls with the members", ClaimText.Numbers(found, arms, ClaimText.Kl),
                found.Falls(arms, ClaimText.Kl)),
            new(
                "the teacher's accuracy rises with the members",
                ClaimText.Percents(found, arms, row => row.Figures.TeacherAccuracy),
                found.Rises(arms, row => row.Figures.TeacherAccuracy)),
            EnsemblesOptions.Behind(found, arms[^1]),
        ];
    }

    static string Name(int members) => FormattableString.Invariant($"{members}");
}
