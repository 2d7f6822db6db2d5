using Retort.Runtime.Metrics;

namespace Retort.Studies.Fidelity;

/// <summary>
/// The rows of one claim, checked: each has a control, each arm has every seed, and no figure is impossible.
/// </summary>
sealed class ClaimEvidence
{
    readonly Dictionary<string, List<ClaimRow>> _arms;

    ClaimEvidence(Dictionary<string, List<ClaimRow>> arms) => _arms = arms;

    /// <summary>The arms of the grid, in order.</summary>
    public IReadOnlyList<string> Arms => [.. _arms.Keys];

    /// <summary>The figures of tables, by name.</summary>
    public static IReadOnlyList<(string Name, Func<ClaimRow, double> Figure)> Columns { get; } =
    [
        ("agreement", row => row.Figures.Agreement),
        ("controlAgreement", row => row.Control!.Agreement),
        ("gain", Gain),
        ("kl", row => row.Figures.Kl),
        ("controlKl", row => row.Control!.Kl),
        ("trainAgreement", row => row.Figures.TrainAgreement),
        ("trainKl", row => row.Figures.TrainKl),
        ("excess", row => row.Figures.Excess),
        ("controlTrainAgreement", row => row.Control!.TrainAgreement ?? double.NaN),
        ("controlExcess", row => row.Control!.Excess ?? double.NaN),
        ("loss", row => row.Figures.Loss),
        ("floor", row => row.Figures.Floor),
        ("accuracy", row => row.Figures.Accuracy),
        ("teacherAccuracy", row => row.Figures.TeacherAccuracy),
        ("ece", row => row.Figures.Ece),
        ("teacherEce", row => row.Figures.TeacherEce),
        ("nll", row => row.Figures.Nll),
        ("cka", row => row.Figures.Cka.Count == 0 ? double.NaN : row.Figures.Cka.Average()),
    ];

    /// <summary>
    /// The rows of a claim; rows without a control, without a seed, or with impossible figures are refused.
    /// </summary>
    public static ClaimEvidence Of(string claim, IReadOnlyList<ClaimRow> rows)
    {
        var own = rows.Where(row => row.Claim == claim).ToList();
        foreach (var row in own) Check(row);
        var arms = own.GroupBy(row => row.Arm)
            .ToDictionary(arm => arm.Key, arm => arm.OrderBy(row => row.Seed).ToList());
        int[] seeds = [.. own.Select(row => row.Seed).Distinct().Order()];
        foreach (var (arm, armRows) in arms)
        {
            int[] found = [.. armRows.Select(row => row.Seed)];
            if (!found.SequenceEqual(seeds)) throw new InvalidOperationException(
                $"{claim}: \"{arm}\" must have one row for each of the seeds {Text(seeds)}; it has {Text(found)}.");
        }
        return new(arms);

        static string Text(int[] numbers) => string.Join(", ", numbers.Select(number => Invariant($"{number}")));
    }

    /// <summary>A figure of an arm, over seeds.</summary>
    public SeedStatistics Of(string arm, Func<ClaimRow, double> figure) =>
        SeedStatistics.Of([.. Rows(arm).Select(figure)]);

    /// <summary>The mean of a figure over seeds.</summary>
    public double Mean(string arm, Func<ClaimRow, double> figure) => Of(arm, figure).Mean;

    /// <summary>
    /// How much larger a figure is in one arm than in another, seed by seed. The interval is wider where the arm was
    /// chosen among several by this figure.
    /// </summary>
    public Interval Difference(string arm, string than, Func<ClaimRow, double> figure, int chosenAmong = 1) =>
        Interval.Of([.. Rows(arm).Zip(Rows(than), (one, other) => figure(one) - figure(other))], chosenAmong);

    /// <summary>
    /// Whether the mean never falls from arm to arm, and is significantly larger (95 %) in the last than in the first.
    /// </summary>
    public bool Rises(IReadOnlyList<string> arms, Func<ClaimRow, double> figure) =>
        arms.Zip(arms.Skip(1)).All(pair => Mean(pair.Second, figure) >= Mean(pair.First, figure))
        && Difference(arms[^1], arms[0], figure).Low > 0;

    /// <summary>
    /// Whether the mean never rises from arm to arm, and is significantly smaller (95 %) in the last than in the first.
    /// </summary>
    public bool Falls(IReadOnlyList<string> arms, Func<ClaimRow, double> figure) => Rises(arms, row => -figure(row));

    /// <summary>The figures of all arms; a figure that a row lacks is left out.</summary>
    public IReadOnlyList<ArmFigures> Figures() =>
        [.. Arms.Select(arm => new ArmFigures(arm, Rows(arm)[0].X, FiguresOf(arm)))];

    /// <summary>
    /// The agreement with the student's own teacher minus the control's: agreement beyond that of two accurate
    /// networks.
    /// </summary>
    public static double Gain(ClaimRow row) => row.Figures.Agreement - row.Control!.Agreement;

    Dictionary<string, SeedStatistics> FiguresOf(string arm) => Columns
        .Where(column => Rows(arm).All(row => double.IsFinite(column.Figure(row))))
        .ToDictionary(column => column.Name, column => Of(arm, column.Figure));

    List<ClaimRow> Rows(string arm) => _arms.TryGetValue(arm, out var rows) ? rows
        : throw new InvalidOperationException(
            $"There are no rows of \"{arm}\"; there are {string.Join(", ", _arms.Keys)}.");

    static void Check(ClaimRow row)
    {
        var name = Invariant($"{row.Claim}, \"{row.Arm}\", seed {row.Seed}");
        if (row.Control is not { } control) throw new InvalidOperationException($"{name}: there is no control; without "
            + "the student of an independent teacher an agreement shows nothing, so this study cannot be judged.");

        var figures = row.Figures;
        CheckAgreement("the agreement", figures.Agreement, figures.Accuracy);
        CheckAgreement("the control's agreement", control.Agreement, control.Accuracy);
        CheckKl("KL", figures.Kl);
        CheckKl("KL on the distillation data", figures.TrainKl);
        CheckKl("the control's KL", control.Kl);

        void CheckAgreement(string what, double agreement, double accuracy)
        {
            if (!TeacherAgreement.IsPossible(agreement, figures.TeacherAccuracy, accuracy))
                throw new InvalidOperationException(Invariant($"{name}: {what} of {agreement} is impossible ")
                    + Invariant($"with accuracies of {figures.TeacherAccuracy} and {accuracy}."));
        }

        void CheckKl(string what, double kl)
        {
            if (!(kl >= 0)) throw new InvalidOperationException(
                Invariant($"{name}: {what} must be at least 0; it is {kl}."));
        }
    }
}
