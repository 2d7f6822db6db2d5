namespace Retort.Studies.Fidelity;

/// <summary>F2: more distillation data for a student of one teacher of the same architecture.</summary>
public sealed record TensionOptions : ClaimOptions
{
    /// <summary>The data, growing from step to step.</summary>
    [Count(2, int.MaxValue, SeveralRule)] public required IReadOnlyList<DataPolicy> Policies { get; init; }

    internal override string Id => "F2";

    internal override string Says =>
        "In self-distillation fidelity and accuracy pull against each other: with more data agreement rises and "
        + "accuracy does not.";

    internal override IReadOnlyList<Arm> Arms(Planner planner) => planner.Along(Policies);

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found)
    {
        var (first, last) = (found.Arms[0], found.Arms[^1]);
        var agreement = found.Difference(last, first, ClaimText.Agreement);
        var accuracy = found.Difference(last, first, ClaimText.Accuracy);
        return
        [
            ClaimText.Larger(found, $"agreement is larger with \"{last}\" than with \"{first}\"",
                last, first, ClaimText.Agreement),
            ClaimText.NoLarger("accuracy is not, and less of it is gained than of agreement",
                accuracy, Math.Clamp(agreement.Mean, 0, ClaimText.Nothing)),
        ];
    }
}
