using Retort.Runs;
using Retort.Training;
using Retort.Recipes;
using Retort.Report;

namespace Retort.Studies.Fidelity;

/// <summary>A study's tables, for Markdown and page alike.</summary>
static class FidelityTables
{
    static readonly (string Figure, string Title, bool Share, bool Signed)[] s_columns =
    [
        ("agreement", "agreement, %", true, false), ("controlAgreement", "control's, %", true, false), ("gain", "gain, points", true, true),
        ("kl", "KL, nats", false, false), ("trainAgreement", "on its data, %", true, false), ("controlTrainAgreement", "control's there, %", true, false), ("excess", "loss − floor", false, false),
        ("accuracy", "accuracy, %", true, false), ("teacherAccuracy", "teacher's, %", true, false), ("ece", "ECE, %", true, false), ("cka", "CKA", false, false),
    ];

    /// <summary>One line a claim.</summary>
    public static Table Claims(FidelityResults results) => new(["Claim", "Here", "What the paper says"], Words: 3,
        [.. results.Claims.Select(claim => (IReadOnlyList<string>)[claim.Id, claim.Word, claim.Says])]);

    /// <summary>Criterion by criterion.</summary>
    public static Table Checks(Judgement claim) => new(["", "Criterion", "Measured"], Words: 3,
        [.. claim.Checks.Select(check => (IReadOnlyList<string>)[check.Passed ? "✓" : "✗", check.Criterion, check.Measured])]);

    /// <summary>Step by step, mean ± deviation over seeds.</summary>
    public static Table Arms(Judgement claim)
    {
        var shown = s_columns.Where(column => claim.Arms.All(arm => arm.Figures.ContainsKey(column.Figure))).ToList();
        return new(["Step", .. shown.Select(column => column.Title)], Words: 1,
            [.. claim.Arms.Select(arm => (IReadOnlyList<string>)[arm.Arm, .. shown.Select(column => Cell(arm.Figures[column.Figure], column.Share, column.Signed))])]);
    }

    static string Cell(SeedStatistics figure, bool share, bool signed)
    {
        var (mean, sd) = share ? (signed ? NumberFormat.SignedPoints(figure.Mean) : NumberFormat.Percent(figure.Mean, 1), figure.Sd is { } wide ? NumberFormat.Percent(wide, 1) : null)
            : (NumberFormat.Three(figure.Mean), figure.Sd is { } narrow ? NumberFormat.Fixed(narrow, NumberFormat.PlacesOfThree(figure.Mean)) : null);
        return sd is null ? mean : $"{mean} ± {sd}";
    }
}
