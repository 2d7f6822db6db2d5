using Retort.Contracts.Sections;
using Retort.Report;

namespace Retort.Studies.Fidelity;

/// <summary>The report of a fidelity study.</summary>
static class FidelityReport
{
    const string Reading = "agreement and KL compare a student with its teacher on test, the control's compare a "
        + "student of an independent teacher with the same teacher; the gain is the agreement minus the control's. "
        + "\"On its data\" is agreement on the distillation data, in new views after training. Networks have the "
        + "weights of the last step. Where a claim is about the best of several, it is chosen by the same test "
        + "figures, and its interval is wider for their number.";

    static readonly (string Figure, string Title, bool Percent, bool Signed)[] s_columns =
    [
        ("agreement", "agreement, %", true, false),
        ("controlAgreement", "control's, %", true, false),
        ("gain", "gain, points", true, true),
        ("kl", "KL, nats", false, false),
        ("trainAgreement", "on its data, %", true, false),
        ("controlTrainAgreement", "control's there, %", true, false),
        ("excess", "loss − floor", false, false),
        ("accuracy", "accuracy, %", true, false),
        ("teacherAccuracy", "teacher's, %", true, false),
        ("ece", "ECE, %", true, false),
        ("cka", "CKA", false, false),
    ];

    /// <summary>As Markdown.</summary>
    public static string Markdown(FidelityResults results, LossPlane? plane) =>
        MarkdownWriter.Write(Sections(results, plane));

    /// <summary>As one page.</summary>
    public static string Html(FidelityResults results, LossPlane? plane) => HtmlWriter.Write(Sections(results, plane));

    static Document Sections(FidelityResults results, LossPlane? plane)
    {
        var judged = results.Claims.Where(claim => claim.Outcome != ClaimOutcome.NotRun);
        return new("Retort fidelity study", results.Name, $"on {results.Data}",
        [
            Claims(results),
            .. judged.Select(claim => Claim(claim, claim.Id == "F10" ? plane : null)),
            new("Where it comes from", Provenance(results),
                new CodeBlock("The study", results.Recipe.ToJsonString(Json.Indented))),
        ])
        {
            Style = "study",
        };
    }

    static Section Claims(FidelityResults results) => new("Does the student predict what its teacher predicts?",
        new TextBlock(TextStyle.Lead, results.Verdict.Sentence + "."),
        new TableBlock(["Claim", "Here", "What the paper says"], 3,
        [
            .. results.Claims.Select(claim => (Cell[])
            [
                claim.Outcome == ClaimOutcome.NotRun ? claim.Id : new Cell(claim.Id) { Link = claim.Id },
                new(claim.Word) { Tone = Tone(claim) }, claim.Says,
            ]),
        ])
        {
            Style = TableStyle.Claims,
        },
        TextBlock.Note($"Stanton et al., arXiv:2106.05945. {results.Networks} networks, "
            + $"{NumberFormat.Seeds(results.Seeds)}; mean ± standard deviation (n − 1) over seeds; {Reading}"));

    static Section Claim(Judgement claim, LossPlane? plane)
    {
        List<Block> charts = [];
        if (claim.Arms.Count > 0) charts.Add(FidelityCharts.Agreements(claim));
        if (plane is not null) charts.Add(FidelityCharts.Plane(plane));
        var claimed = new TextBlock($"{claim.Says} Setting: {claim.Setting}.");
        return new(claim.Id, claimed, Checks(claim), new RowBlock(charts), Arms(claim))
        {
            Id = claim.Id, Badge = new(claim.Word, Tone(claim)),
        };
    }

    /// <summary>Criterion by criterion.</summary>
    static TableBlock Checks(Judgement claim) => new(["", "Criterion", "Measured"], 3,
        [.. claim.Checks.Select(check => (Cell[])[check.Passed ? "✓" : "✗", check.Criterion, check.Measured])])
    {
        Style = TableStyle.Checks,
    };

    /// <summary>Step by step, mean ± standard deviation over seeds.</summary>
    static TableBlock Arms(Judgement claim)
    {
        var shown = s_columns.Where(column => claim.Arms.All(arm => arm.Figures.ContainsKey(column.Figure))).ToList();
        return new(["Step", .. shown.Select(column => column.Title)], 1,
        [
            .. claim.Arms.Select(arm => (Cell[])
            [
                arm.Arm, .. shown.Select(column => Text(arm.Figures[column.Figure], column.Percent, column.Signed)),
            ]),
        ])
        {
            Style = TableStyle.Steps,
        };
    }

    static string Text(SeedStatistics figure, bool percent, bool signed)
    {
        if (!percent) return NumberFormat.Three(figure);
        if (!signed) return NumberFormat.Percent(figure, 1);

        var mean = NumberFormat.SignedPoints(figure.Mean);
        return figure.Sd is { } sd ? $"{mean} ± {NumberFormat.Points(sd)}" : mean;
    }

    static TableBlock Provenance(FidelityResults results) => new(["", ""], 2,
    [
        ["Data", $"{results.Data}, {results.DataHash}"],
        .. results.Versions.Select(version => (Cell[])[version.Key, version.Value]),
    ])
    {
        Style = TableStyle.Properties,
    };

    static Tone Tone(Judgement claim) => claim.Outcome switch
    {
        ClaimOutcome.Held => Contracts.Sections.Tone.Good,
        ClaimOutcome.NotHeld => Contracts.Sections.Tone.Bad,
        _ => Contracts.Sections.Tone.Neutral,
    };
}
