using Retort.Runs;
using Retort.Training;
using Retort.Recipes;
using Retort.Report;
using Retort.Runtime.Metrics;

namespace Retort.Studies.Fidelity;

/// <summary>
/// The rows of one claim, complete: every row has its control, every step has every seed, and every figure is possible.
/// </summary>
sealed class ClaimEvidence
{
    readonly Dictionary<string, List<ClaimRow>> _arms;

    ClaimEvidence(Dictionary<string, List<ClaimRow>> arms) => _arms = arms;

    /// <summary>The steps of the grid, in order.</summary>
    public IReadOnlyList<string> Arms => [.. _arms.Keys];

    /// <summary>Takes a claim's rows; throws where one has no control, lacks a seed or cannot be true.</summary>
    public static ClaimEvidence Of(string claim, IReadOnlyList<ClaimRow> rows)
    {
        var own = rows.Where(row => row.Claim == claim).ToList();
        foreach (var row in own) Check(row);
        var arms = own.GroupBy(row => row.Arm)
            .ToDictionary(arm => arm.Key, arm => arm.OrderBy(row => row.Seed).ToList());
        int[] seeds = [.. own.Select(row => row.Seed).Distinct().Order()];
        foreach (var (arm, found) in arms)
            if (!found.Select(row => row.Seed).SequenceEqual(seeds))
            {
                var has = string.Join(", ", found.Select(row => row.Seed));
                throw new InvalidOperationException(
                    $"{claim}: \"{arm}\" must have one row for each of the seeds {string.Join(", ", seeds)}; "
                    + $"it has {has}.");
            }
        return new(arms);
    }

    static void Check(ClaimRow row)
    {
        var place = FormattableString.Invariant($"{row.Claim}, \"{row.Arm}\", seed {row.Seed}");
        if (row.Control is not { } control) throw new InvalidOperationException(
            $"{place}: there is no control; without the student of an independent teacher an agreement says nothing, "
            + "so this study cannot be judged.");
        var figures = row.Figures;
        Bounds("the agreement", figures.Agreement, figures.Accuracy);
        Bounds("the control's agreement", control.Agreement, control.Accuracy);
        (string, double)[] divergences =
        [
            ("KL", figures.Kl), ("KL on the distillation data", figures.TrainKl), ("the control's KL", control.Kl),
        ];
        foreach (var (name, value) in divergences)
            if (!(value >= 0))
                throw new InvalidOperationException(
                    FormattableString.Invariant($"{place}: {name} must be at least 0; it is {value}."));

        void Bounds(string what, double agreement, double accuracy)
        {
            if (!TeacherAgreement.IsPossible(agreement, figures.TeacherAccuracy, accuracy))
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"{place}: {what} of {agreement} cannot be, ")
                    + FormattableString.Invariant($"with accuracies of {figures.TeacherAccuracy} and {accuracy}."));
        }
    }

    /// <summary>A figure at one step, over seeds.</summary>
    public SeedStatistics Of(string arm, Func<ClaimRow, double> figure) =>
        SeedStatistics.Of([.. Rows(arm).Select(figure)]);

    /// <summary>Its mean.</summary>
    public double Mean(string arm, Func<ClaimRow, double> figure) => Of(arm, figure).Mean;

    /// <summary>
    /// How much larger a figure is at one step than at another, seed by seed; wider where the step was chosen among
    /// several by this figure.
    /// </summary>
    public Interval Difference(string arm, string than, Func<ClaimRow, double> figure, int chosenAmong = 1) =>
        Interval.Of([.. Rows(arm).Zip(Rows(than), (one, other) => figure(one) - figure(other))], chosenAmong);

    /// <summary>
    /// Whether the mean never falls from step to step, and the last is larger than the first beyond chance (95 %).
    /// </summary>
    public bool Rises(IReadOnlyList<string> arms, Func<ClaimRow, double> figure) =>
        arms.Zip(arms.Skip(1)).All(pair => Mean(pair.Second, figure) >= Mean(pair.First, figure))
        && Difference(arms[^1], arms[0], figure).Low > 0;

    /// <summary>
    /// Whether the mean never rises from step to step, and the last is smaller than the first beyond chance (95 %).
    /// </summary>
    public bool Falls(IReadOnlyList<string> arms, Func<ClaimRow, double> figure) => Rises(arms, row => -figure(row));

    /// <summary>Every figure that tables show, step by step.</summary>
    public IReadOnlyList<ArmFigures> Figures() =>
    [
        .. Arms.Select(
            arm => new ArmFigures(
                arm, Rows(arm)[0].X,
                Columns.Where(column => Rows(arm).All(row => double.IsFinite(column.Figure(row))))
                    .ToDictionary(column => column.Name, column => Of(arm, column.Figure)))),
    ];

    /// <summary>What tables show.</summary>
    public static IReadOnlyList<(string Name, Func<ClaimRow, double> Figure)> Columns { get; } =
    [
        ("agreement", row => row.Figures.Agreement), ("controlAgreement", row => row.Control!.Agreement),
        ("gain", Gain),
        ("kl", row => row.Figures.Kl), ("controlKl", row => row.Control!.Kl),
        ("trainAgreement", row => row.Figures.TrainAgreement), ("trainKl", row => row.Figures.TrainKl),
        ("excess", row => row.Figures.Excess),
        ("controlTrainAgreement", row => row.Control!.TrainAgreement ?? double.NaN),
        ("controlExcess", row => row.Control!.Excess ?? double.NaN),
        ("loss", row => row.Figures.Loss), ("floor", row => row.Figures.Floor),
        ("accuracy", row => row.Figures.Accuracy), ("teacherAccuracy", row => row.Figures.TeacherAccuracy),
        ("ece", row => row.Figures.Ece), ("teacherEce", row => row.Figures.TeacherEce), ("nll", row => row.Figures.Nll),
        ("cka", row => row.Figures.Cka.Count == 0 ? double.NaN : row.Figures.Cka.Average()),
    ];

    /// <summary>
    /// Agreement with the own teacher less that of the control with it: what is fidelity beyond accuracy.
    /// </summary>
    public static double Gain(ClaimRow row) => row.Figures.Agreement - row.Control!.Agreement;

    List<ClaimRow> Rows(string arm) => _arms.TryGetValue(arm, out var rows) ? rows
        : throw new InvalidOperationException(
            $"There are no rows of \"{arm}\"; there are {string.Join(", ", _arms.Keys)}.");
}
