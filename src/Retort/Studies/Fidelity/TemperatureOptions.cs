namespace Retort.Studies.Fidelity;

/// <summary>F5: the temperature of the distillation loss, for one teacher and for ensembles.</summary>
public sealed record TemperatureOptions : ClaimOptions
{
    /// <summary>τ: 1, 4, and at least one above 4.</summary>
    [NotEmpty, Positive] public IReadOnlyList<double> Temperatures { get; init; } = [1, 4, 8, 16];

    /// <summary>The number of teachers in an ensemble.</summary>
    [NotEmpty, AtLeast(1)] public IReadOnlyList<int> Members { get; init; } = [1];

    /// <summary>The largest change of agreement above τ = 4, in either direction, that counts as flat.</summary>
    [Share] public double Flat { get; init; } = 0.01;

    internal override string Id => "F5";

    internal override string Says =>
        "A temperature of 4 gives far more agreement than 1, and higher ones change little.";

    internal override string? Lacks(StudySetting setting)
    {
        var isWhole = Temperatures.Contains(1) && Temperatures.Contains(4)
            && Temperatures.Any(temperature => temperature > 4);
        var given = string.Join(", ", Temperatures.Select(ClaimText.Short));
        return isWhole ? null : $"temperatures must have 1, 4 and one above 4; they are [{given}]";
    }

    internal override IReadOnlyList<Arm> Arms(Planner planner) => Grid(planner, Members, Temperatures);

    /// <summary>An arm for each number of teachers and each temperature.</summary>
    internal static IReadOnlyList<Arm> Grid(
        Planner planner, IReadOnlyList<int> members, IReadOnlyList<double> temperatures) =>
    [
        .. members.SelectMany(count => temperatures.Select(temperature => new Arm(Name(count, temperature), temperature,
            seed => planner.Student(seed, count) with { Temperature = temperature }))),
    ];

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found) =>
        [.. Members.SelectMany(count => Checks(found, count))];

    static string Name(int members, double temperature) => Invariant($"{members} × τ {temperature}");

    IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found, int members)
    {
        var at4 = Name(members, 4);
        var above = Temperatures.Where(temperature => temperature > 4)
            .Select(temperature => found.Difference(Name(members, temperature), at4, ClaimText.Agreement)).ToList();
        var changes = string.Join(", ", above.Select(one => NumberFormat.SignedPoints(one.Mean, 2)));
        return
        [
            ClaimText.Larger(found, Invariant($"{members} at once: agreement is larger at τ = 4 than at 1"),
                at4, Name(members, 1), ClaimText.Agreement),
            new(Invariant($"{members} at once: above 4 it moves by less than {NumberFormat.Points(Flat)} points"),
                $"{changes} points",
                above.All(one => Math.Abs(one.Mean) < Flat)),
        ];
    }
}
