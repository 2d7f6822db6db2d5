namespace Retort.Studies.Fidelity;

/// <summary>F11: students with their teacher's initial weights.</summary>
public sealed record InitialWeightsOptions : ClaimOptions
{
    const string Drawn = "drawn";
    const string Teachers = "the teacher's first";

    internal override string Id => "F11";

    internal override string Says =>
        "To share the teacher's first weights is not enough: agreement and KL stay as they are, features come a little "
        + "nearer.";

    internal override IReadOnlyList<Arm> Arms(Planner planner) =>
    [
        new(Drawn, 0, seed => planner.Student(seed)),
        new(Teachers, 1, seed => planner.Student(seed) with { InitialWeights = new(1, Trained: false) }),
    ];

    internal override IReadOnlyList<ClaimCheck> Checks(ClaimEvidence found)
    {
        var cka = found.Difference(Teachers, Drawn, row => row.Figures.Cka.Average());
        var (low, high) = (cka.Low ?? cka.Mean, cka.High ?? cka.Mean);
        return
        [
            SameCheck(found, "agreement", ClaimText.Agreement, ClaimText.Points),
            SameCheck(found, "KL", ClaimText.Kl, difference => NumberFormat.Three(difference.Mean)),
            new("CKA with the teacher is larger, beyond chance",
                $"{NumberFormat.Fixed(cka.Mean, 3)} ({NumberFormat.Fixed(low, 3)} to {NumberFormat.Fixed(high, 3)})",
                cka.Low > 0),
        ];
    }

    static ClaimCheck SameCheck(
        ClaimEvidence found, string name, Func<ClaimRow, double> figure, Func<Interval, string> text)
    {
        var (one, other) = (found.Of(Drawn, figure), found.Of(Teachers, figure));
        var pooled = Math.Sqrt((Math.Pow(one.Sd ?? 0, 2) + Math.Pow(other.Sd ?? 0, 2)) / 2);
        var difference = found.Difference(Teachers, Drawn, figure);
        var distance = Math.Abs(difference.Mean);
        return new($"{name} differs by at most one pooled standard deviation",
            $"{text(difference)}; {NumberFormat.Three(distance / pooled)} deviations",
            distance <= pooled);
    }
}
