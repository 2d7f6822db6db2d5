using Retort.Runs;
using Retort.Training;
using Retort.Recipes;
using Retort.Report;

namespace Retort.Studies.Fidelity;

/// <summary>F10: students that begin on the way from drawn weights to their teacher's.</summary>
public sealed record BasinOptions : ClaimOptions, IValidated
{
    const double LowestRate = 1e-6;

    /// <summary>λ: the teacher's share in the first weights, rising from 0 to 1.</summary>
    [Rising, Share] public IReadOnlyList<double> Shares { get; init; } = [0, 0.25, 0.375, 0.5, 0.75, 0.875, 1];

    /// <summary>The λ from which on the student lands at its teacher.</summary>
    [Share] public double Edge { get; init; } = 0.375;

    /// <summary>The same where the highest rate is not made smaller.</summary>
    [Share] public double FullRateEdge { get; init; } = 0.5;

    /// <summary>What agreement on the distillation data is at most at λ = 0.</summary>
    [Share] public double Low { get; init; } = 0.93;

    /// <summary>What it is at least from the edge on.</summary>
    [Share] public double High { get; init; } = 0.99;

    /// <summary>By what factor at least the loss over its floor is smaller at the edge than at λ = 0.</summary>
    [Positive] public double Drop { get; init; } = 100;

    /// <summary>
    /// Points along each side of the plot of the loss on the plane of teacher, student and first weights; at least 2,
    /// or 0 for no plot.
    /// </summary>
    [NotNegative] public int Plane { get; init; } = 21;

    /// <inheritdoc/>
    public OptionError? Validate() => Plane != 1 ? null : new(nameof(Plane), "must be at least 2; it is 1.");

    internal override string? Lacks(StudySetting setting) =>
        Shares.Contains(0) && Shares.Any(share => share >= Edge && share < 1) ? null
        : $"shares must have 0 and one from the edge of {ClaimText.Short(Edge)} to below 1; they are "
            + $"[{string.Join(", ", Shares.Select(ClaimText.Short))}]";

    internal override string Id => "F10";
    internal override bool DecidedOnItsData => true;
    internal override string Says =>
        "Only a student that begins near its teacher's weights ends there: between two neighbouring λ "
            + "agreement jumps and the loss falls to its floor.";

    internal override IReadOnlyList<Arm> Arms(Planner planner) =>
    [
        .. Shares.Select(share => Step(planner, share, scaled: true)),
        .. Shares.Where(share => share > 0).Select(share => Step(planner, share, scaled: false)),
    ];

    // the authors' code also multiplies the highest rate by 1 - λ; both are run
    static Arm Step(Planner planner, double share, bool scaled) => new(Name(share, scaled), share, seed =>
    {
        var student = planner.Student(seed);
        var rate = student.Training.LearningRate * (scaled ? 1 - share : 1);
        return student with
        {
            Training = student.Training with { LearningRate = Math.Max(rate, LowestRate) },
            InitialWeights = share == 0 ? null : new(share, Trained: true),
        };
    });

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found)
    {
        var (start, near) = (Name(0, true), Shares.Where(share => share >= Edge).ToList());
        if (near.Count == 0)
            throw new InvalidOperationException($"no share reaches the edge of {ClaimText.Short(Edge)}.");
        var edge = Name(near[0], true);
        var (above, below) = (
            found.Mean(start, row => row.Figures.Excess), found.Mean(edge, row => row.Figures.Excess));
        var worst = near.Select(share => Name(share, true)).MinBy(arm => found.Mean(arm, ClaimText.TrainAgreement))!;
        var free = Shares.Where(share => share >= FullRateEdge && share is > 0 and < 1)
            .Select(share => Name(share, false))
            .ToList();
        var arms = Shares.Select(share => Name(share, true)).ToList();
        var whole = Rise(arms[0], arms[^1]);
        var (from, to) = arms.Zip(arms.Skip(1)).MaxBy(pair => Rise(pair.First, pair.Second));
        List<ClaimCheck> checks =
        [
            new(
                $"at λ = 0 agreement on the distillation data is at most {NumberFormat.Percent(Low, 0)} %",
                ClaimText.Percent(found.Of(start, ClaimText.TrainAgreement)),
                found.Mean(start, ClaimText.TrainAgreement) <= Low),
            new(
                $"from {ClaimText.Short(Edge)} on it is at least {NumberFormat.Percent(High, 0)} %",
                $"at least {ClaimText.Percent(found.Of(worst, ClaimText.TrainAgreement))}, at {worst}",
                found.Mean(worst, ClaimText.TrainAgreement) >= High),
            new($"there the loss over its floor is at least {NumberFormat.Fixed(Drop, 0)} times smaller than at 0",
                $"{NumberFormat.Three(above)} → {NumberFormat.Three(below)} "
                    + $"({NumberFormat.Three(above / below)} times)",
                above >= Drop * below),
            new(
                "between two neighbouring λ it makes more than half of its whole rise",
                $"{NumberFormat.SignedPoints(Rise(from, to))} of {NumberFormat.SignedPoints(whole)} points, "
                    + $"from {from} to {to}",
                whole > 0 && Rise(from, to) > whole / 2),
        ];
        if (Shares[^1] == 1)
            checks.Add(new(
                "at 1 it is exactly 100 %", ClaimText.Percent(found.Of(Name(1, true), ClaimText.TrainAgreement)),
                found.Of(Name(1, true), ClaimText.TrainAgreement).Values.All(value => value == 1)));
        if (free.Count > 0)
            checks.Add(new(
                $"without the smaller rate it is at least {NumberFormat.Percent(High, 0)} % too, from "
                    + $"{ClaimText.Short(FullRateEdge)} on",
                ClaimText.Percents(found, free, ClaimText.TrainAgreement),
                free.All(arm => found.Mean(arm, ClaimText.TrainAgreement) >= High)));
        return checks;

        double Rise(string from, string to) =>
            found.Mean(to, ClaimText.TrainAgreement) - found.Mean(from, ClaimText.TrainAgreement);
    }

    internal static string Name(double share, bool scaled) =>
        $"λ {ClaimText.Short(share)}{(scaled ? "" : ", full rate")}";
}

/// <summary>F11: students that begin where their teacher began.</summary>
public sealed record FirstWeightsOptions : ClaimOptions
{
    const string Drawn = "drawn", Teachers = "the teacher's first";

    internal override string Id => "F11";
    internal override string Says =>
        "To share the teacher's first weights is not enough: agreement and KL stay as they are, features come "
            + "a little nearer.";

    internal override IReadOnlyList<Arm> Arms(Planner planner) =>
    [
        new(Drawn, 0, seed => planner.Student(seed)),
        new(Teachers, 1, seed => planner.Student(seed) with { InitialWeights = new(1, Trained: false) }),
    ];

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found)
    {
        var cka = found.Difference(Teachers, Drawn, row => row.Figures.Cka.Average());
        return
        [
            Same("agreement", ClaimText.Agreement, difference => ClaimText.Points(difference)),
            Same("KL", ClaimText.Kl, difference => NumberFormat.Three(difference.Mean)),
            new(
                "CKA with the teacher is larger, beyond chance",
                $"{NumberFormat.Fixed(cka.Mean, 3)} ({NumberFormat.Fixed(cka.Low ?? cka.Mean, 3)} to "
                    + $"{NumberFormat.Fixed(cka.High ?? cka.Mean, 3)})",
                cka.Low > 0),
        ];

        ClaimCheck Same(string name, Func<ClaimRow, double> figure, Func<Interval, string> said)
        {
            var (one, other) = (found.Of(Drawn, figure), found.Of(Teachers, figure));
            var pooled = Math.Sqrt((Math.Pow(one.Sd ?? 0, 2) + Math.Pow(other.Sd ?? 0, 2)) / 2);
            var difference = found.Difference(Teachers, Drawn, figure);
            return new(
                $"{name} differs by at most one pooled standard deviation",
                $"{said(difference)}; {NumberFormat.Three(Math.Abs(difference.Mean) / pooled)} deviations",
                Math.Abs(difference.Mean) <= pooled);
        }
    }
}
