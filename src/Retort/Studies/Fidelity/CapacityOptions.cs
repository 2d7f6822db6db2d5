using Retort.Runs;
using Retort.Training;
using Retort.Recipes;
using Retort.Report;

namespace Retort.Studies.Fidelity;

/// <summary>Another student.</summary>
public sealed record StudentVariant
{
    /// <summary>What tables and pictures call it.</summary>
    public required string Title { get; init; }

    /// <summary>Who learns.</summary>
    public required ModelOptions Network { get; init; }
}

/// <summary>F12: wider and deeper students, and labels beside the teacher.</summary>
public sealed record CapacityOptions : ClaimOptions
{
    const string Usual = "the setting's";

    /// <summary>Other students; at least one is larger than the setting's.</summary>
    public IReadOnlyList<StudentVariant> Students { get; init; } = [];

    /// <summary>α: what the labels weigh beside the teacher.</summary>
    [Rising, Share] public IReadOnlyList<double> LabelWeights { get; init; } = [0.1, 0.3, 0.5, 0.7];

    /// <summary>What a larger student gains in agreement at most.</summary>
    [Share] public double Small { get; init; } = 0.03;

    internal override string? Lacks(StudySetting setting) =>
        Students.Count == 0 ? "students must have one that is larger than the setting's; it is empty"
        : !LabelWeights.Any(weight => weight > 0)
            ? "labelWeights must have one above 0, since the claim speaks of labels beside the teacher"
            : null;

    internal override string Id => "F12";
    internal override string Says =>
        "Capacity and labels are not the cause: larger students gain two or three points of agreement at most, "
            + "and labels beside the teacher none.";

    internal override IReadOnlyList<Arm> Arms(Planner planner) =>
    [
        new(Usual, 0, seed => planner.Student(seed)),
        .. Students.Select(
            (variant, i) =>
                new Arm(variant.Title, i + 1, seed => planner.Student(seed) with { Network = variant.Network })),
        .. LabelWeights.Where(weight => weight > 0)
            .Select(
                weight => new Arm(Name(weight), weight, seed => planner.Student(seed) with { LabelWeight = weight })),
    ];

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found) =>
    [
        .. Students.Select(variant =>
        {
            var gain = found.Difference(variant.Title, Usual, ClaimText.Agreement);
            return new ClaimCheck(
                $"\"{variant.Title}\" gains at most {NumberFormat.Points(Small, 0)} points of agreement",
                ClaimText.Points(gain), gain.Mean <= Small);
        }),
        .. LabelWeights.Where(weight => weight > 0).Select(weight =>
        {
            var gain = found.Difference(Name(weight), Usual, ClaimText.Agreement);
            return ClaimText.NoLarger($"{Name(weight)} does not raise agreement", gain);
        }),
    ];

    static string Name(double weight) => $"α {ClaimText.Short(weight)}";
}
