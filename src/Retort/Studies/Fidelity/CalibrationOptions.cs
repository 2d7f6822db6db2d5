using MathNet.Numerics.Statistics;

namespace Retort.Studies.Fidelity;

/// <summary>F13: agreement and calibration over ensembles and temperatures.</summary>
public sealed record CalibrationOptions : ClaimOptions
{
    /// <summary>The number of teachers in an ensemble; more than 1.</summary>
    [NotEmpty, AtLeast(2)] public IReadOnlyList<int> Members { get; init; } = [3, 5];

    /// <summary>τ.</summary>
    [NotEmpty, Positive] public IReadOnlyList<double> Temperatures { get; init; } = [1, 4, 8, 16];

    internal override string Id => "F13";

    internal override string Says => "Of an ensemble's students the most faithful are the best calibrated.";

    internal override string? Lacks(StudySetting setting)
    {
        var steps = Members.Count * Temperatures.Count;
        return steps >= 3 ? null : Invariant(
            $"members by temperatures must be at least 3 steps, since two always lie on a line; they are {steps}");
    }

    internal override IReadOnlyList<Arm> Arms(Planner planner) =>
        TemperatureOptions.Grid(planner, Members, Temperatures);

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found)
    {
        var arms = found.Arms;
        var correlation = Interval.Of(Correlations(found));
        var low = Math.Max(correlation.Low ?? correlation.Mean, -1);
        var high = Math.Min(correlation.High ?? correlation.Mean, 1);
        var mostFaithful = arms.MaxBy(arm => found.Mean(arm, ClaimText.Agreement))!;
        var bestCalibrated = arms.MinBy(arm => found.Mean(arm, ClaimText.Ece))!;
        return
        [
            new("over the grid agreement and ECE move against each other (correlation below 0 beyond chance)",
                $"{NumberFormat.Fixed(correlation.Mean, 2)} "
                + $"({NumberFormat.Fixed(low, 2)} to {NumberFormat.Fixed(high, 2)})",
                correlation.High < 0),
            new("the step with the largest agreement has the lowest ECE",
                $"\"{mostFaithful}\" (ECE {ClaimText.Percent(found.Of(mostFaithful, ClaimText.Ece))}); lowest ECE at "
                + $"\"{bestCalibrated}\" ({ClaimText.Percent(found.Of(bestCalibrated, ClaimText.Ece))})",
                mostFaithful == bestCalibrated),
        ];
    }

    // over the arms, seed by seed; 0 where a figure is the same in all arms
    static List<double> Correlations(ClaimEvidence found)
    {
        var agreements = found.Arms.Select(arm => found.Of(arm, ClaimText.Agreement).Values).ToList();
        var errors = found.Arms.Select(arm => found.Of(arm, ClaimText.Ece).Values).ToList();
        var correlations = Enumerable.Range(0, agreements[0].Count).Select(seed => Correlation.Pearson(
            agreements.Select(values => values[seed]), errors.Select(values => values[seed])));
        return [.. correlations.Select(correlation => double.IsFinite(correlation) ? correlation : 0)];
    }
}
