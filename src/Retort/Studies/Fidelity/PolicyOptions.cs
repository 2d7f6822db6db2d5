namespace Retort.Studies.Fidelity;

/// <summary>F6: other ways to make distillation data.</summary>
public sealed record PolicyOptions : ClaimOptions
{
    /// <summary>The policy that the others are compared with.</summary>
    public required DataPolicy Baseline { get; init; }

    /// <summary>The other policies.</summary>
    public required IReadOnlyList<DataPolicy> Policies { get; init; }

    /// <summary>The largest gain that counts as small.</summary>
    [Share] public double Small { get; init; } = 0.03;

    internal override string Id => "F6";

    internal override string Says =>
        "Better augmentation gains a point or two of agreement at most, and data that looks like none that will be met "
        + "is no better than a temperature of 1.";

    internal override string? Lacks(StudySetting setting) =>
        Policies.Any(policy => !policy.Unnatural) && Policies.Any(policy => policy.Unnatural) ? null
            : "policies must have one that is natural and one with \"unnatural\": true, since the claim speaks of both";

    string AtTemperature1 => $"{Baseline.Title}, τ 1";

    internal override IReadOnlyList<Arm> Arms(Planner planner) =>
    [
        new(AtTemperature1, 0, seed => planner.Student(seed, Baseline) with { Temperature = 1 }),
        .. Policies.Prepend(Baseline)
            .Select((policy, i) => new Arm(policy.Title, i + 1, seed => planner.Student(seed, policy))),
    ];

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found)
    {
        List<ClaimCheck> checks = [];
        var natural = Policies.Where(policy => !policy.Unnatural).Select(policy => policy.Title).ToList();
        if (natural.Count > 0)
        {
            var best = natural.MaxBy(title => found.Mean(title, ClaimText.Agreement))!;
            var gain = found.Difference(best, Baseline.Title, ClaimText.Agreement, chosenAmong: natural.Count);
            checks.Add(new($"the best policy, {ClaimText.Chosen(natural.Count)}, gains beyond chance, and at most "
                + $"{NumberFormat.Points(Small, 0)} points over \"{Baseline.Title}\"",
                $"\"{best}\": {ClaimText.Points(gain)}",
                gain.Low > 0 && gain.Mean <= Small));
        }
        foreach (var policy in Policies.Where(policy => policy.Unnatural))
        {
            var gain = found.Difference(policy.Title, AtTemperature1, ClaimText.Agreement);
            checks.Add(ClaimText.NoLarger($"\"{policy.Title}\" is no better than \"{AtTemperature1}\"", gain));
        }
        return checks;
    }
}
