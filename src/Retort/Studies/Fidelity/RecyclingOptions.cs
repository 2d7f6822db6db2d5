namespace Retort.Studies.Fidelity;

/// <summary>F7: distillation on the teacher's half of the data, on the other half, or on both.</summary>
public sealed record RecyclingOptions : ClaimOptions
{
    const string Own = "D0, the teacher's";
    const string Other = "D1, the other";
    const string Both = "D0 and D1";

    /// <summary>Examples of each half: the first are the teacher's, the following the other half.</summary>
    [AtLeast(1)] public int Half { get; init; } = 600;

    internal override string Id => "F7";

    internal override string Says =>
        "A student on its teacher's own data is more accurate, one on other data more faithful and better calibrated; "
        + "both together are the best of both.";

    internal override IReadOnlyList<Arm> Arms(Planner planner)
    {
        var augmentation = planner.Setting.Augmentation;
        return
        [
            NewArm(Own, 0, from: 0, Half),
            NewArm(Other, 1, from: Half, Half),
            NewArm(Both, 2, from: 0, 2 * Half),
        ];

        Arm NewArm(string name, double x, int from, int count) => new(name, x, seed => planner.Student(seed) with
        {
            Examples = new() { From = from, Count = count, Augmentation = augmentation },
            Teachers = planner.Teachers(seed, examples: new() { Count = Half, Augmentation = augmentation }),
        });
    }

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found) =>
    [
        ClaimText.Larger(found, "agreement is larger on D1 than on D0", Other, Own, ClaimText.Agreement),
        new("on both it is the largest, beyond chance larger than on D0",
            ClaimText.Percents(found, found.Arms, ClaimText.Agreement),
            found.Rises([Own, Other, Both], ClaimText.Agreement)),
        ClaimText.Larger(found, "accuracy is larger on D0 than on D1", Own, Other, ClaimText.Accuracy),
        ClaimText.Larger(found, "ECE is larger on D0 than on D1", Own, Other, ClaimText.Ece),
    ];
}
