using Retort.Runs;
using Retort.Training;
using Retort.Recipes;
using Retort.Report;

namespace Retort.Studies.Fidelity;

/// <summary>F5: the temperature of the distillation loss, for one teacher and for several at once.</summary>
public sealed record TemperatureOptions : ClaimOptions
{
    /// <summary>τ: 1, 4, and at least one above 4.</summary>
    [NotEmpty, Positive] public IReadOnlyList<double> Temperatures { get; init; } = [1, 4, 8, 16];

    /// <summary>How many teachers answer together.</summary>
    [NotEmpty, AtLeast(1)] public IReadOnlyList<int> Members { get; init; } = [1];

    /// <summary>How far agreement may move, in either direction, above τ = 4 and still be called flat.</summary>
    [Share] public double Flat { get; init; } = 0.01;

    internal override string? Lacks(StudySetting setting) =>
        Temperatures.Contains(1) && Temperatures.Contains(4) && Temperatures.Any(temperature => temperature > 4) ? null
        : "temperatures must have 1, 4 and one above 4; they are "
            + $"[{string.Join(", ", Temperatures.Select(ClaimText.Short))}]";

    internal override string Id => "F5";
    internal override string Says =>
        "A temperature of 4 gives far more agreement than 1, and higher ones change little.";

    internal override IReadOnlyList<Arm> Arms(Planner planner) => Grid(planner, Members, Temperatures);

    /// <summary>Members by temperatures.</summary>
    internal static IReadOnlyList<Arm> Grid(
        Planner planner, IReadOnlyList<int> members, IReadOnlyList<double> temperatures) =>
    [
        .. members.SelectMany(count => temperatures.Select(temperature =>
            new Arm(
                Name(count, temperature), temperature,
                seed => planner.Student(seed, count) with { Temperature = temperature }))),
    ];

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found) =>
    [
        .. Members.SelectMany(count =>
        {
            var above = Temperatures.Where(temperature => temperature > 4)
                .Select(temperature => found.Difference(Name(count, temperature), Name(count, 4), ClaimText.Agreement))
                .ToList();
            return (ClaimCheck[])
            [
                ClaimText.Larger(
                    found, FormattableString.Invariant($"{count} at once: agreement is larger at τ = 4 than at 1"),
                    Name(count, 4), Name(count, 1), ClaimText.Agreement),
                new(
                    FormattableString.Invariant(
                        $"{count} at once: above 4 it moves by less than {NumberFormat.Points(Flat)} points"),
                    $"{string.Join(", ", above.Select(one => NumberFormat.SignedPoints(one.Mean, 2)))} points",
                    above.All(one => Math.Abs(one.Mean) < Flat)),
            ];
        }),
    ];

    internal static string Name(int members, double temperature) =>
        FormattableString.Invariant($"{members} × τ {temperature}");
}

/// <summary>F13: agreement and calibration over ensembles and temperatures.</summary>
public sealed record CalibrationOptions : ClaimOptions
{
    /// <summary>How many teachers answer together; more than 1.</summary>
    [NotEmpty, AtLeast(2)] public IReadOnlyList<int> Members { get; init; } = [3, 5];

    /// <summary>τ.</summary>
    [NotEmpty, Positive] public IReadOnlyList<double> Temperatures { get; init; } = [1, 4, 8, 16];

    internal override string? Lacks(StudySetting setting) => Members.Count * Temperatures.Count >= 3 ? null
        : "members by temperatures must be at least 3 steps, since two always lie on a line; "
            + FormattableString.Invariant($"they are {Members.Count * Temperatures.Count}");

    internal override string Id => "F13";
    internal override string Says => "Of an ensemble's students the most faithful are the best calibrated.";

    internal override IReadOnlyList<Arm> Arms(Planner planner) =>
        TemperatureOptions.Grid(planner, Members, Temperatures);

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found)
    {
        var arms = found.Arms;
        var seeds = found.Of(arms[0], row => row.Seed).Values.Count;
        var correlations = Enumerable.Range(0, seeds).Select(seed => MathNet.Numerics.Statistics.Correlation.Pearson(
            arms.Select(arm => found.Of(arm, ClaimText.Agreement).Values[seed]),
            arms.Select(arm => found.Of(arm, ClaimText.Ece).Values[seed])))
            .Select(correlation => double.IsFinite(correlation) ? correlation : 0).ToList();
        var interval = Interval.Of(correlations);
        var (faithful, calibrated) = (
            arms.MaxBy(arm => found.Mean(arm, ClaimText.Agreement))!,
            arms.MinBy(arm => found.Mean(arm, ClaimText.Ece))!);
        return
        [
            new("over the grid agreement and ECE move against each other (correlation below 0 beyond chance)",
                $"{NumberFormat.Fixed(interval.Mean, 2)} "
                    + $"({NumberFormat.Fixed(Math.Max(interval.Low ?? interval.Mean, -1), 2)} to "
                    + $"{NumberFormat.Fixed(Math.Min(interval.High ?? interval.Mean, 1), 2)})",
                interval.High < 0),
            new(
                "the step with the largest agreement has the lowest ECE",
                $"\"{faithful}\" (ECE {ClaimText.Percent(found.Of(faithful, ClaimText.Ece))}); "
                    + $"lowest ECE at \"{calibrated}\" ({ClaimText.Percent(found.Of(calibrated, ClaimText.Ece))})",
                faithful == calibrated),
        ];
    }
}
