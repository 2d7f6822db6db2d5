namespace Retort.Studies.Fidelity;

/// <summary>F12: wider and deeper students, and labels beside the teacher.</summary>
public sealed record CapacityOptions : ClaimOptions
{
    const string Usual = "the setting's";

    /// <summary>Other students; at least one is larger than the setting's.</summary>
    public IReadOnlyList<StudentVariant> Students { get; init; } = [];

    /// <summary>α: the weight of the labels beside the teacher.</summary>
    [Rising, Share] public IReadOnlyList<double> LabelWeights { get; init; } = [0.1, 0.3, 0.5, 0.7];

    /// <summary>The largest gain in agreement of a larger student.</summary>
    [Share] public double Small { get; init; } = 0.03;

    internal override string Id => "F12";

    internal override string Says =>
        "Capacity and labels are not the cause: larger students gain two or three points of agreement at most, and "
        + "labels beside the teacher none.";

    internal override string? Lacks(StudySetting setting)
    {
        if (Students.Count == 0) return "students must have one that is larger than the setting's; it is empty";

        return PositiveWeights.Any() ? null
            : "labelWeights must have one above 0, since the claim speaks of labels beside the teacher";
    }

    IEnumerable<double> PositiveWeights => LabelWeights.Where(weight => weight > 0);

    internal override IReadOnlyList<Arm> Arms(Planner planner) =>
    [
        new(Usual, 0, seed => planner.Student(seed)),
        .. Students.Select((variant, i) => new Arm(variant.Title, i + 1,
            seed => planner.Student(seed) with { Network = variant.Network })),
        .. PositiveWeights.Select(weight => new Arm(Name(weight), weight,
            seed => planner.Student(seed) with { LabelWeight = weight })),
    ];

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found) =>
    [
        .. Students.Select(variant =>
        {
            var gain = found.Difference(variant.Title, Usual, ClaimText.Agreement);
            var criterion = $"\"{variant.Title}\" gains at most {NumberFormat.Points(Small, 0)} points of agreement";
            return new ClaimCheck(criterion, ClaimText.Points(gain), gain.Mean <= Small);
        }),
        .. PositiveWeights.Select(weight => ClaimText.NoLarger($"{Name(weight)} does not raise agreement",
            found.Difference(Name(weight), Usual, ClaimText.Agreement))),
    ];

    static string Name(double weight) => $"α {ClaimText.Short(weight)}";
}
