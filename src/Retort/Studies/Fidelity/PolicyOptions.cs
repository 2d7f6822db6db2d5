using Retort.Runs;
using Retort.Training;
using Retort.Recipes;
using Retort.Report;

namespace Retort.Studies.Fidelity;

/// <summary>F6: other ways to make distillation data.</summary>
public sealed record PolicyOptions : ClaimOptions
{
    /// <summary>What the others are held against.</summary>
    public required DataPolicy Baseline { get; init; }

    /// <summary>The others.</summary>
    public required IReadOnlyList<DataPolicy> Policies { get; init; }

    /// <summary>What a small gain is at most.</summary>
    [Share] public double Small { get; init; } = 0.03;

    internal override string Id => "F6";
    internal override string Says =>
        "Better augmentation gains a point or two of agreement at most, and data that looks like none that "
            + "will be met is no better than a temperature of 1.";

    internal override string? Lacks(StudySetting setting) =>
        Policies.Any(policy => !policy.Unnatural) && Policies.Any(policy => policy.Unnatural) ? null
        : "policies must have one that is natural and one with \"unnatural\": true, since the claim speaks of both";

    string Cold => $"{Baseline.Title}, τ 1";

    internal override IReadOnlyList<Arm> Arms(Planner planner) =>
    [
        new(Cold, 0, seed => planner.Student(seed, Baseline) with { Temperature = 1 }),
        .. Policies.Prepend(Baseline).Select(
            (policy, i) => new Arm(policy.Title, i + 1, seed => planner.Student(seed, policy))),
    ];

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found)
    {
        var natural = Policies.Where(policy => !policy.Unnatural).Select(policy => policy.Title).ToList();
        List<ClaimCheck> checks = [];
        if (natural.Count > 0)
        {
            var best = natural.MaxBy(title => found.Mean(title, ClaimText.Agreement))!;
            var gain = found.Difference(best, Baseline.Title, ClaimText.Agreement, chosenAmong: natural.Count);
            checks.Add(new(
                $"the best policy, {ClaimText.Chosen(natural.Count)}, gains beyond chance, and at most "
                    + $"{NumberFormat.Points(Small, 0)} points over \"{Baseline.Title}\"",
                $"\"{best}\": {ClaimText.Points(gain)}",
                gain.Low > 0 && gain.Mean <= Small));
        }
        foreach (var policy in Policies.Where(policy => policy.Unnatural))
        {
            var over = found.Difference(policy.Title, Cold, ClaimText.Agreement);
            checks.Add(ClaimText.NoLarger($"\"{policy.Title}\" is no better than \"{Cold}\"", over));
        }
        return checks;
    }
}

/// <summary>F8: ever harder distillation data.</summary>
public sealed record HarderDataOptions : ClaimOptions
{
    /// <summary>The data, harder from step to step.</summary>
    [Count(2, int.MaxValue, SeveralRule)] public required IReadOnlyList<DataPolicy> Policies { get; init; }

    internal override string Id => "F8";
    internal override bool DecidedOnItsData => true;
    internal override string Says =>
        "The more or harder the distillation data, the less the student agrees with its teacher on it, even "
            + "where agreement on test rises.";

    internal override IReadOnlyList<Arm> Arms(Planner planner) => planner.Along(Policies);

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found)
    {
        var later = found.Arms.Skip(1).ToList();
        var best = later.MaxBy(arm => found.Mean(arm, ClaimText.Agreement))!;
        var gain = found.Difference(best, found.Arms[0], ClaimText.Agreement, chosenAmong: later.Count);
        return
        [
            new(
                "agreement on the distillation data falls with each step",
                ClaimText.Percents(found, found.Arms, ClaimText.TrainAgreement),
                found.Falls(found.Arms, ClaimText.TrainAgreement)),
            new(
                $"agreement on test is larger at the best later step, {ClaimText.Chosen(later.Count)}, than at "
                    + "the first, beyond chance",
                $"\"{best}\": {ClaimText.Points(gain)}", gain.Low > 0),
        ];
    }
}
