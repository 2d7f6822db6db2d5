using Retort.Runtime.Metrics;

namespace Retort.Tests.Metrics;

/// <summary>Each figure against a number that can be redone on paper.</summary>
public sealed class MetricsTests
{
    static float[] Logs(params double[] probabilities) => [.. probabilities.Select(p => (float)Math.Log(p))];

    [Fact] // rows: ½ ln(½/.9) + ½ ln(½/.1) = .510826; 0; ¼ ln(¼/¾) + ¾ ln(¾/¼) = ½ ln 3 = .549306; sum / 3
    public void Predictive_kl_of_three_coins_with_the_teacher_first()
    {
        var (teacher, student) = (Logs(.5, .5, .9, .1, .25, .75), Logs(.9, .1, .9, .1, .75, .25));
        Assert.Equal(0.353377, TeacherAgreement.KlDivergence(teacher, student, 2), tolerance: 1e-6);
        Assert.Equal(0.305790, TeacherAgreement.KlDivergence(student, teacher, 2), tolerance: 1e-6);   // (.9 ln 1.8 + .1 ln .2 + ½ ln 3) / 3
    }

    [Fact] // the first row is a tie and counts as class 0 = the student's; the second agrees; the third does not
    public void Agreement_takes_the_first_of_equals() =>
        Assert.Equal(2 / 3.0, TeacherAgreement.Agreement(Logs(.5, .5, .9, .1, .25, .75), Logs(.9, .1, .9, .1, .75, .25), 2));

    [Fact] // 0 and -0 are equal, so the first answer is class 0
    public void Accuracy_takes_the_first_of_equals() => Assert.Equal(1, Accuracy.Of([-0f, 0f], [0]));

    [Fact] // .4·|½ - .95| + .4·|1 - .65| + .2·|0 - .3| = .18 + .14 + .06
    public void Calibration_error_of_five_answers()
    {
        float[] logits =
        [
            .. Logs(.95, .02, .02, .01), .. Logs(.95, .02, .02, .01), .. Logs(.65, .15, .1, .1), .. Logs(.65, .15, .1, .1),
            .. Logs(.3, .25, .25, .2),
        ];
        Assert.Equal(0.38, Calibration.ExpectedError(logits, [0, 1, 0, 0, 1]), tolerance: 1e-6);
    }

    [Fact] // .5 (wrong) and .45 (right) in one bin: |½ - .475| = .025; in two bins it would be ½·.5 + ½·.55 = .525
    public void A_confidence_on_the_border_belongs_to_the_bin_below()
    {
        float[] logits = [0, 0, -1000, -1000, .. Logs(.45, .2, .2, .15)];
        Assert.Equal(0.025, Calibration.ExpectedError(logits, [1, 0]), tolerance: 1e-6);
        Assert.Equal(2, Calibration.Bins(logits, [1, 0])[4].Count);
    }

    [Fact] // (-ln .7 - ln .3) / 2; the mean over the whole 2 × 2 table of chosen columns would be 1.541454
    public void Nll_of_two_answers() =>
        Assert.Equal(0.780324, Likelihood.Nll(Logs(.7, .2, .1, .1, .6, .3), [0, 2]), tolerance: 1e-6);

    [Fact] // ln(1 + e⁻⁵⁰) = e⁻⁵⁰ to first order, where 1 + e⁻⁵⁰ rounds to 1
    public void Nll_of_a_very_sure_answer_keeps_its_digits() =>
        Assert.Equal(1, Likelihood.Nll([50, 0], [0]) / Math.Exp(-50), tolerance: 1e-12);

    [Fact] // e^1000 is beyond a double; the answer is not: 1000 + ln(1 + e⁻¹⁰⁰⁰)
    public void Nll_of_a_very_wrong_answer_is_finite() => Assert.Equal(1000, Likelihood.Nll([0, 1000], [0]));

    [Fact]
    public void A_network_agrees_with_itself()
    {
        var (logits, _) = Drawn(50, 7, seed: 3);
        Assert.Equal(1, TeacherAgreement.Agreement(logits, logits, 7));
        Assert.Equal(0, TeacherAgreement.KlDivergence(logits, logits, 7));
    }

    [Fact] // logits are whole eighths and the constants whole numbers, so that their sums are exact
    public void A_constant_added_to_a_row_changes_no_figure()
    {
        var (logits, labels) = Drawn(200, 5, seed: 1);
        var (other, _) = Drawn(200, 5, seed: 2);
        var moved = logits.Select((z, i) => z + (i / 5 % 13) - 6).ToArray();
        Assert.Equal(All(logits, other, labels), All(moved, other, labels));
        Assert.Equal(TeacherAgreement.KlDivergence(other, logits, 5), TeacherAgreement.KlDivergence(other, moved, 5));
    }

    [Fact] // sums over parts, put together by their counts, are the sums over the whole
    public void Cutting_the_set_into_batches_changes_no_figure()
    {
        var (logits, labels) = Drawn(200, 5, seed: 1);
        var (other, _) = Drawn(200, 5, seed: 2);
        int[] cuts = [0, 64, 65, 130, 200];
        double[] sums = new double[4];
        for (var k = 1; k < cuts.Length; k++)
        {
            var (from, to) = (cuts[k - 1], cuts[k]);
            var part = All(logits[(from * 5)..(to * 5)], other[(from * 5)..(to * 5)], labels[from..to]);
            for (var m = 0; m < 4; m++) sums[m] += part[m] * (to - from) / 200;
        }
        var whole = All(logits, other, labels);
        for (var m = 0; m < 4; m++) Assert.Equal(whole[m], sums[m], tolerance: 1e-12);
    }

    [Fact]
    public void Accuracies_bound_the_agreement()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var (logits, labels) = Drawn(40, 3, seed);
            var (other, _) = Drawn(40, 3, seed + 1000);
            Assert.True(TeacherAgreement.IsPossible(TeacherAgreement.Agreement(other, logits, 3), Accuracy.Of(logits, labels), Accuracy.Of(other, labels)));
        }
    }

    [Theory] // 75 % and 85 %: at least 60 and at most 90 of 100 must be the same
    [InlineData(0.59, false)]
    [InlineData(0.60, true)]
    [InlineData(0.90, true)]
    [InlineData(0.91, false)]
    public void An_agreement_beyond_what_two_accuracies_allow_is_found(double agreement, bool possible) =>
        Assert.Equal(possible, TeacherAgreement.IsPossible(agreement, 0.75, 0.85));

    [Fact]
    public void What_is_not_a_number_is_named_by_row_and_class()
    {
        var error = Assert.Throws<ArgumentException>(() => Accuracy.Of([0, 1, 2, float.NaN], [0, 1]));
        Assert.Equal("Logits must be finite; row 1 has NaN for class 1.", error.Message);
    }

    [Fact]
    public void A_label_outside_the_classes_is_named_by_row()
    {
        var error = Assert.Throws<ArgumentException>(() => Likelihood.Nll([0, 1, 2, 3], [0, -1]));
        Assert.Equal("Labels must be from 0 to 1; row 1 has -1.", error.Message);
    }

    [Fact]
    public void Logits_that_make_no_rows_are_refused() => Assert.Throws<ArgumentException>(() => Accuracy.Of([0, 1, 2], [0, 1]));

    // accuracy, NLL, agreement, KL; and the calibration error last, which is no mean over rows
    static double[] All(float[] logits, float[] teacher, long[] labels) =>
    [
        Accuracy.Of(logits, labels), Likelihood.Nll(logits, labels), TeacherAgreement.Agreement(teacher, logits, 5),
        TeacherAgreement.KlDivergence(teacher, logits, 5), Calibration.ExpectedError(logits, labels),
    ];

    static (float[] Logits, long[] Labels) Drawn(int rows, int classes, int seed)
    {
        var chance = new Random(seed);
        return ([.. Enumerable.Range(0, rows * classes).Select(_ => chance.Next(-32, 33) / 8f)],
            [.. Enumerable.Range(0, rows).Select(_ => (long)chance.Next(classes))]);
    }
}
