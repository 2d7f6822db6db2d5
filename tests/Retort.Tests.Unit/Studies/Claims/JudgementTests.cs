using Retort.Models;
using Retort.Report;
using Retort.Studies.Fidelity;
using Retort.Training;

namespace Retort.Tests.Studies.Claims;

/// <summary>Judging is a function of rows: here they are made up.</summary>
public sealed class JudgementTests
{
    static readonly BasinOptions Basin = new() { Setting = "s", Shares = [0, 0.25, 0.375, 1], Plane = 0 };

    /// <summary>Figures as round as the case needs them; accuracies of .9 allow agreements from .8 to 1.</summary>
    internal static ClaimRow Row(
        string claim, string arm, int seed, double agreement = 0.95, double train = 0.9, double control = 0.85,
        double kl = 0.1, double excess = 0.5, double accuracy = 0.9, double ece = 0.02, double cka = 0.9) => new()
    {
        Claim = claim, Arm = arm, X = 0, Seed = seed, Student = $"student-{arm}-{seed}", Teachers = [$"teacher-{seed}"],
        Figures = new()
        {
            TeacherAccuracy = 0.9,
            TeacherNll = 0.3,
            TeacherEce = 0.02,
            Accuracy = accuracy,
            Nll = 0.3,
            Ece = ece,
            Agreement = agreement,
            Kl = kl,
            TrainAgreement = train, TrainKl = 0.1, Loss = 28 + excess, Floor = 28, Excess = excess, Cka = [cka],
        },
        Control = new($"student-{arm}-{seed + 1}", 0.9, control, 0.2),
    };

    static List<ClaimRow> Jump(double edge = 0.997) =>
    [
        .. from seed in (int[])[1, 2]
           from row in (ClaimRow[])
           [
               Row("F10", "λ 0", seed, train: 0.90 + 0.005 * seed, excess: 0.58),
               Row("F10", "λ .25", seed, train: 0.97, excess: 0.07),
               Row("F10", "λ .375", seed, train: edge, excess: 0.0005), Row("F10", "λ 1", seed, train: 1, excess: 0),
               Row("F10", "λ .25, full rate", seed, train: 0.97), Row("F10", "λ .375, full rate", seed, train: 0.998),
               Row("F10", "λ 1, full rate", seed, train: 0.999),
           ]
           select row,
    ];

    [Fact] // .9075 ≤ .93; .997 ≥ .99; .58 / .0005 = 1160 ≥ 100; exactly 1; every accuracy is its teacher's
    public void A_claim_whose_checks_all_pass_is_held()
    {
        var judged = Basin.Judge(Jump());
        Assert.Equal(ClaimOutcome.Held, judged.Outcome);
        Assert.Equal(6, judged.Checks.Count);
        Assert.All(judged.Checks, check => Assert.True(check.Passed));
        Assert.Equal("0.580 → 0.000500 (1160 times)", judged.Checks[2].Measured);
        Assert.Equal(
            ["λ 0", "λ .25", "λ .375", "λ 1", "λ .25, full rate", "λ .375, full rate", "λ 1, full rate"],
            judged.Arms.Select(arm => arm.Arm));
        Assert.Equal(0.1, judged.Arms[0].Figures["gain"].Mean, tolerance: 1e-12);       // .95 - .85
    }

    [Fact] // .98 at the edge is below .99
    public void A_claim_with_a_failed_check_does_not_hold_and_names_the_check()
    {
        var judged = Basin.Judge(Jump(edge: 0.98));
        Assert.Equal(ClaimOutcome.NotHeld, judged.Outcome);
        Assert.Equal(
            "at least 98.00 ± 0.00 %, at λ .375", Assert.Single(judged.Checks, check => !check.Passed).Measured);
    }

    [Fact]
    public void A_claim_without_rows_is_not_run() =>
        Assert.Equal(ClaimOutcome.NotRun, Basin.Judge([Row("F4", "1", 1)]).Outcome);

    [Fact]
    public void A_row_without_its_control_fails_the_study()
    {
        var rows = Jump();
        rows[9] = rows[9] with { Control = null };
        var error = Assert.Throws<InvalidOperationException>(() => Basin.Judge(rows));
        Assert.Equal(
            "F10, \"λ .375\", seed 2: there is no control; without the student of an independent teacher an agreement "
            + "shows nothing, so this study cannot be judged.",
            error.Message);
    }

    [Fact]
    public void A_step_that_lacks_a_seed_fails_the_study()
    {
        var rows = Jump();
        rows.RemoveAt(9);
        var error = Assert.Throws<InvalidOperationException>(() => Basin.Judge(rows));
        Assert.Equal("F10: \"λ .375\" must have one row for each of the seeds 1, 2; it has 1.", error.Message);
    }

    [Fact] // accuracies of .9 and .5 cannot agree on more than 1 - .4
    public void An_agreement_that_cannot_be_fails_the_study()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Basin.Judge([Row("F10", "λ 0", 1, accuracy: 0.5)]));
        Assert.Equal(
            "F10, \"λ 0\", seed 1: the agreement of 0.95 is impossible with accuracies of 0.9 and 0.5.", error.Message);
    }

    // differences of agreement 1 → 5: .05 and .07, mean .06, sd .01414, t(.975, 1) = 12.706: .06 ± .127 covers 0; with
    // .06 and .0601 it does not
    [Fact]
    public void A_rise_must_be_beyond_chance()
    {
        var members = new MembersOptions { Setting = "s", Members = [1, 5] };
        Assert.False(members.Judge(Rise(0.05, 0.07)).Checks[0].Passed);
        Assert.True(members.Judge(Rise(0.06, 0.0601)).Checks[0].Passed);
        Assert.Equal("85.0 → 91.0 %", members.Judge(Rise(0.05, 0.07)).Checks[0].Measured);

        static List<ClaimRow> Rise(double first, double second) =>
        [
            Row("F4", "1", 1, agreement: 0.85), Row("F4", "1", 2, agreement: 0.85),
            Row("F4", "5", 1, agreement: 0.85 + first), Row("F4", "5", 2, agreement: 0.85 + second),
        ];
    }

    // agreement .90, .95 with ECE .03, .01: correlation -1 for every seed; the most faithful is the best calibrated
    [Fact]
    public void Calibration_goes_with_agreement_where_the_order_is_the_same()
    {
        var claim = new CalibrationOptions { Setting = "s", Members = [3], Temperatures = [1, 4] };
        Assert.Equal(ClaimOutcome.Held, claim.Judge(Both(0.03, 0.01)).Outcome);
        Assert.Equal(ClaimOutcome.NotHeld, claim.Judge(Both(0.01, 0.03)).Outcome);

        static List<ClaimRow> Both(double cold, double warm) => [.. ((int[])[1, 2]).SelectMany(seed => (ClaimRow[])
            [
                Row("F13", "3 × τ 1", seed, agreement: 0.90, ece: cold),
                Row("F13", "3 × τ 4", seed, agreement: 0.95, ece: warm),
            ])];
    }

    [Fact] // sd of each is .01 · √2 / … = .00707; a difference of .005 is below it, one of .02 is not
    public void First_weights_change_nothing_within_a_deviation()
    {
        var claim = new InitialWeightsOptions { Setting = "s" };
        Assert.Equal(ClaimOutcome.Held, claim.Judge(Moved(0.005)).Outcome);
        Assert.Equal(ClaimOutcome.NotHeld, claim.Judge(Moved(0.02)).Outcome);

        static List<ClaimRow> Moved(double shift) =>
        [
            .. from seed in (int[])[1, 2]
               from row in (ClaimRow[])
               [
                   Row("F11", "drawn", seed, agreement: 0.90 + 0.01 * seed, kl: 0.1 + 0.01 * seed),
                   Row(
                       "F11", "the teacher's first", seed, agreement: 0.90 + 0.01 * seed + shift, kl: 0.1 + 0.01 * seed,
                       cka: 0.92),
               ]
               select row,
        ];
    }

    [Fact] // the easy case: everything as it should be but the gain on the teacher's own examples, .06 there too
    public void A_gain_where_there_should_be_none_is_seen()
    {
        var claim = new EasyCaseOptions { Setting = "s", Sizes = [100, 300] };
        Assert.Equal(ClaimOutcome.Held, claim.Judge(Growing(0.90)).Outcome);
        Assert.Single(claim.Judge(Growing(0.84)).Checks, check => !check.Passed);

        static List<ClaimRow> Growing(double controlOnOwn) => [.. ((int[])[1, 2]).SelectMany(seed => (ClaimRow[])
            [
                Row("F1", "100", seed, agreement: 0.90, control: controlOnOwn, kl: 0.3, train: 1),
                Row("F1", "300", seed, agreement: 0.985, control: 0.93, kl: 0.02, train: 0.99),
            ])];
    }

    [Fact] // .3 is less than half of .9; agreements of such two are at most .4
    public void A_claim_with_a_student_that_did_not_learn_is_not_held()
    {
        var rows = Jump();
        rows[2] = rows[2] with { Figures = rows[2].Figures with { Accuracy = 0.3, Agreement = 0.35 } };
        var judged = Basin.Judge(rows);
        Assert.Equal((ClaimOutcome.NotHeld, "not 1 of \"λ .375\""), (judged.Outcome, judged.Checks[^1].Measured));
    }

    [Fact] // of a grid with .5 and more at the full rate: .97 is below .99
    public void The_jump_must_be_there_without_the_smaller_rate_too()
    {
        var claim = Basin with { Shares = [0, 0.25, 0.375, 0.5, 1] };
        Assert.Equal(ClaimOutcome.Held, claim.Judge([.. Jump(), .. Half(0.995)]).Outcome);
        Assert.Equal(
            "97.0 %", Assert.Single(claim.Judge([.. Jump(), .. Half(0.97)]).Checks, check => !check.Passed).Measured);

        static IEnumerable<ClaimRow> Half(double full) => ((int[])[1, 2]).SelectMany(seed => (ClaimRow[])
            [Row("F10", "λ .5", seed, train: 0.998, excess: 0.0005), Row("F10", "λ .5, full rate", seed, train: full)]);
    }

    [Fact] // steps of .02, .02, .02 and .025: the largest is .025 of .085, less than half
    public void A_rise_in_small_steps_is_no_jump()
    {
        var claim = new BasinOptions { Setting = "s", Shares = [0, 0.1, 0.2, 0.3, 0.375], Plane = 0 };
        var judged = claim.Judge(
            Rows("F10", ("λ 0", [0.91]), ("λ .1", [0.93]), ("λ .2", [0.95]), ("λ .3", [0.97]), ("λ .375", [0.995])));
        Assert.Equal(
            "+2.5 of +8.5 points, from λ .3 to λ .375", Assert.Single(judged.Checks, check => !check.Passed).Measured);

        static List<ClaimRow> Rows(string claim, params (string Arm, double[] Train)[] arms) =>
            [
                .. from arm in arms
                   from seed in (int[])[1, 2]
                   select Row(claim, arm.Arm, seed, train: arm.Train[0], excess: arm.Arm == "λ 0" ? 0.6 : 0.001),
            ];
    }

    [Fact] // +.01, +.03: mean .02, sd .01414, ± .127; the features came nearer on the mean alone
    public void Features_must_come_nearer_beyond_chance()
    {
        List<ClaimRow> rows = [.. Seeds("drawn", 0.92), .. Seeds("the teacher's first", 0.92)];
        rows[2] = Cka(rows[2], 0.91);
        rows[3] = Cka(rows[3], 0.93);
        Assert.Equal(
            "0.020 (−0.107 to 0.147)",
            Assert.Single(
                new InitialWeightsOptions { Setting = "s" }.Judge(rows).Checks, check => !check.Passed).Measured);

        static IEnumerable<ClaimRow> Seeds(string arm, double agreement) =>
            ((int[])[1, 2]).Select(seed => Row("F11", arm, seed, agreement + 0.01 * seed, kl: 0.1 + 0.01 * seed));
        static ClaimRow Cka(ClaimRow row, double cka) => row with { Figures = row.Figures with { Cka = [cka] } };
    }
}
