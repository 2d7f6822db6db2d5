namespace Retort.Studies.Fidelity;

/// <summary>F10: students with initial weights on the line from drawn weights to their teacher's.</summary>
public sealed record BasinOptions : ClaimOptions, IValidated
{
    const double LowestRate = 1e-6;

    /// <summary>λ: the teacher's share in the initial weights, rising from 0 to 1.</summary>
    [Rising, Share] public IReadOnlyList<double> Shares { get; init; } = [0, 0.25, 0.375, 0.5, 0.75, 0.875, 1];

    /// <summary>The λ from which on the student ends at its teacher.</summary>
    [Share] public double Edge { get; init; } = 0.375;

    /// <summary>The same where the highest learning rate is not made smaller.</summary>
    [Share] public double FullRateEdge { get; init; } = 0.5;

    /// <summary>The highest agreement on the distillation data at λ = 0.</summary>
    [Share] public double Low { get; init; } = 0.93;

    /// <summary>The least agreement on the distillation data from the edge on.</summary>
    [Share] public double High { get; init; } = 0.99;

    /// <summary>The least factor by which the loss minus its floor is smaller at the edge than at λ = 0.</summary>
    [Positive] public double Drop { get; init; } = 100;

    /// <summary>
    /// Points along each side of the chart of the loss around teacher, student and initial weights, at least 2; 0: no
    /// chart.
    /// </summary>
    [NotNegative] public int Plane { get; init; } = 21;

    internal override string Id => "F10";

    internal override bool DecidedOnItsData => true;

    internal override string Says =>
        "Only a student that begins near its teacher's weights ends there: between two neighboring λ agreement jumps "
        + "and the loss falls to its floor.";

    public OptionError? Validate() => Plane != 1 ? null : new(nameof(Plane), "must be at least 2; it is 1.");

    internal override string? Lacks(StudySetting setting)
    {
        if (Shares.Contains(0) && Shares.Any(share => share >= Edge && share < 1)) return null;

        var given = string.Join(", ", Shares.Select(ClaimText.Short));
        return $"shares must have 0 and one from the edge of {ClaimText.Short(Edge)} to below 1; they are [{given}]";
    }

    // the authors' code also multiplies the highest rate by 1 - λ; both are run
    internal override IReadOnlyList<Arm> Arms(Planner planner) =>
    [
        .. Shares.Select(share => NewArm(planner, share, scaled: true)),
        .. Shares.Where(share => share > 0).Select(share => NewArm(planner, share, scaled: false)),
    ];

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found)
    {
        List<ClaimCheck> checks = [.. EdgeChecks(found), JumpCheck(found)];
        if (Shares[^1] == 1)
        {
            var atTeacher = found.Of(Name(1, true), ClaimText.TrainAgreement);
            checks.Add(new("at 1 it is exactly 100 %",
                ClaimText.Percent(atTeacher), atTeacher.Values.All(value => value == 1)));
        }
        var fullRate = Shares.Where(share => share >= FullRateEdge && share is > 0 and < 1)
            .Select(share => Name(share, false)).ToList();
        if (fullRate.Count > 0) checks.Add(new(
            $"without the smaller rate it is at least {NumberFormat.Percent(High, 0)} % too, from "
            + $"{ClaimText.Short(FullRateEdge)} on",
            ClaimText.Percents(found, fullRate, ClaimText.TrainAgreement),
            fullRate.All(arm => found.Mean(arm, ClaimText.TrainAgreement) >= High)));
        return checks;
    }

    internal static string Name(double share, bool scaled) =>
        $"λ {ClaimText.Short(share)}{(scaled ? "" : ", full rate")}";

    IReadOnlyList<ClaimCheck> EdgeChecks(ClaimEvidence found)
    {
        var start = Name(0, true);
        var near = Shares.Where(share => share >= Edge).Select(share => Name(share, true)).ToList();
        if (near.Count == 0)
            throw new InvalidOperationException($"no share reaches the edge of {ClaimText.Short(Edge)}.");

        var worst = near.MinBy(arm => found.Mean(arm, ClaimText.TrainAgreement))!;
        var atStart = found.Mean(start, row => row.Figures.Excess);
        var atEdge = found.Mean(near[0], row => row.Figures.Excess);
        return
        [
            new($"at λ = 0 agreement on the distillation data is at most {NumberFormat.Percent(Low, 0)} %",
                ClaimText.Percent(found.Of(start, ClaimText.TrainAgreement)),
                found.Mean(start, ClaimText.TrainAgreement) <= Low),
            new($"from {ClaimText.Short(Edge)} on it is at least {NumberFormat.Percent(High, 0)} %",
                $"at least {ClaimText.Percent(found.Of(worst, ClaimText.TrainAgreement))}, at {worst}",
                found.Mean(worst, ClaimText.TrainAgreement) >= High),
            new($"there the loss over its floor is at least {NumberFormat.Fixed(Drop, 0)} times smaller than at 0",
                $"{NumberFormat.Three(atStart)} → {NumberFormat.Three(atEdge)} "
                + $"({NumberFormat.Three(atStart / atEdge)} times)",
                atStart >= Drop * atEdge),
        ];
    }

    ClaimCheck JumpCheck(ClaimEvidence found)
    {
        var arms = Shares.Select(share => Name(share, true)).ToList();
        var whole = Rise(arms[0], arms[^1]);
        var (from, to) = arms.Zip(arms.Skip(1)).MaxBy(pair => Rise(pair.First, pair.Second));
        var largest = Rise(from, to);
        return new("between two neighboring λ it makes more than half of its whole rise",
            $"{NumberFormat.SignedPoints(largest)} of {NumberFormat.SignedPoints(whole)} points, from {from} to {to}",
            whole > 0 && largest > whole / 2);

        double Rise(string before, string after) =>
            found.Mean(after, ClaimText.TrainAgreement) - found.Mean(before, ClaimText.TrainAgreement);
    }

    static Arm NewArm(Planner planner, double share, bool scaled) => new(Name(share, scaled), share, seed =>
    {
        var student = planner.Student(seed);
        var rate = student.Training.LearningRate * (scaled ? 1 - share : 1);
        return student with
        {
            Training = student.Training with { LearningRate = Math.Max(rate, LowestRate) },
            InitialWeights = share == 0 ? null : new(share, Trained: true),
        };
    });
}
