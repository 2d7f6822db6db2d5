namespace Retort.Studies.Fidelity;

/// <summary>Measurements of claims in words.</summary>
static class ClaimText
{
    public static double Agreement(ClaimRow row) => row.Figures.Agreement;
    public static double Kl(ClaimRow row) => row.Figures.Kl;
    public static double TrainAgreement(ClaimRow row) => row.Figures.TrainAgreement;
    public static double Accuracy(ClaimRow row) => row.Figures.Accuracy;
    public static double Ece(ClaimRow row) => row.Figures.Ece;

    /// <summary>How much more accurate a student is than its teacher.</summary>
    public static double OverTeacher(ClaimRow row) => row.Figures.Accuracy - row.Figures.TeacherAccuracy;

    /// <summary>89.8 → 97.4 → 98.4 %</summary>
    public static string Percents(ClaimEvidence found, IReadOnlyList<string> arms, Func<ClaimRow, double> figure) =>
        $"{string.Join(" → ", arms.Select(arm => NumberFormat.Percent(found.Mean(arm, figure), 1)))} %";

    /// <summary>.385 → .0188</summary>
    public static string Numbers(ClaimEvidence found, IReadOnlyList<string> arms, Func<ClaimRow, double> figure) =>
        string.Join(" → ", arms.Select(arm => NumberFormat.Three(found.Mean(arm, figure))));

    /// <summary>97.42 ± 0.31 %</summary>
    public static string Percent(SeedStatistics shares) => $"{NumberFormat.Percent(shares)} %";

    /// <summary>+1.2 points (0.4 to 2.0)</summary>
    public static string Points(Interval interval) => $"{NumberFormat.SignedPoints(interval.Mean, 2)} points"
        + (interval is { Low: { } low, High: { } high }
            ? $" ({NumberFormat.Points(low, 2)} to {NumberFormat.Points(high, 2)})" : "");

    /// <summary>A number as a short name: 0.375 → .375, 4 → 4.</summary>
    public static string Short(double value)
    {
        var text = Invariant($"{value}");
        return text.StartsWith("0.", StringComparison.Ordinal) ? text[1..] : text;
    }

    /// <summary>
    /// Points that an interval may end above 0 and still show that nothing is gained: its mean is then at most half as
    /// much.
    /// </summary>
    public const double Nothing = 0.02;

    /// <summary>
    /// That a difference is not significantly above 0, and that it is measured well enough to say so: an interval so
    /// wide that a considerable gain fits into it shows nothing.
    /// </summary>
    public static ClaimCheck NoLarger(string criterion, Interval difference, double ends = Nothing) =>
        new($"{criterion}: the interval covers 0 or lies below, and ends at most {NumberFormat.Points(ends)} points "
            + "above", Points(difference), !(difference.Low > 0) && difference.High <= ends);

    /// <summary>How the best of several was chosen; its interval is wider for it.</summary>
    public static string Chosen(int candidates) => Invariant($"chosen here among {candidates}");

    /// <summary>That a figure at one step is significantly larger than at another.</summary>
    public static ClaimCheck Larger(
        ClaimEvidence found, string criterion, string arm, string than, Func<ClaimRow, double> figure)
    {
        var difference = found.Difference(arm, than, figure);
        return new($"{criterion}, beyond chance", Points(difference), difference.Low > 0);
    }
}
