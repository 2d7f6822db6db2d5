namespace Retort.Studies.Fidelity;

/// <summary>F8: harder and harder distillation data.</summary>
public sealed record HarderDataOptions : ClaimOptions
{
    /// <summary>The data, harder from step to step.</summary>
    [Count(2, int.MaxValue, SeveralRule)] public required IReadOnlyList<DataPolicy> Policies { get; init; }

    internal override string Id => "F8";

    internal override bool DecidedOnItsData => true;

    internal override string Says =>
        "The more or harder the distillation data, the less the student agrees with its teacher on it, even where "
        + "agreement on test rises.";

    internal override IReadOnlyList<Arm> Arms(Planner planner) => planner.Along(Policies);

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found)
    {
        var later = found.Arms.Skip(1).ToList();
        var best = later.MaxBy(arm => found.Mean(arm, ClaimText.Agreement))!;
        var gain = found.Difference(best, found.Arms[0], ClaimText.Agreement, chosenAmong: later.Count);
        return
        [
            new("agreement on the distillation data falls with each step",
                ClaimText.Percents(found, found.Arms, ClaimText.TrainAgreement),
                found.Falls(found.Arms, ClaimText.TrainAgreement)),
            new($"agreement on test is larger at the best later step, {ClaimText.Chosen(later.Count)}, than at the "
                + "first, beyond chance",
                $"\"{best}\": {ClaimText.Points(gain)}",
                gain.Low > 0),
        ];
    }
}
