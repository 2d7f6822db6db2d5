using Retort.Runtime.Metrics;

namespace Retort.Tests.Metrics;

/// <summary>Metrics compared with values by hand.</summary>
public sealed class MetricsTests
{
    static readonly float[] s_teacher = Logs(.5, .5, .9, .1, .25, .75);
    static readonly float[] s_student = Logs(.9, .1, .9, .1, .75, .25);

    static float[] Logs(params double[] probabilities) => [.. probabilities.Select(p => (float)Math.Log(p))];

    [Fact] // rows: ½ ln(½/.9) + ½ ln(½/.1) = .510826; 0; ¼ ln(¼/¾) + ¾ ln(¾/¼) = ½ ln 3 = .549306; sum / 3
    public void Predictive_KL_takes_the_teacher_first()
    {
        Assert.Equal(0.353377, TeacherAgreement.KlDivergence(s_teacher, s_student, 2), tolerance: 1e-6);
        const double Reversed = 0.305790;                                   // (.9 ln 1.8 + .1 ln .2 + ½ ln 3) / 3
        Assert.Equal(Reversed, TeacherAgreement.KlDivergence(s_student, s_teacher, 2), tolerance: 1e-6);
    }

    [Fact] // the first row is a tie and counts as class 0, the student's; the second agrees; the third does not
    public void Agreement_takes_the_first_of_equal_logits() =>
        Assert.Equal(2 / 3.0, TeacherAgreement.Agreement(s_teacher, s_student, 2));

    [Fact] // 0 and -0 are equal, so the prediction is class 0
    public void Accuracy_takes_the_first_of_equal_logits() => Assert.Equal(1, Accuracy.Of([-0f, 0f], [0]));

    [Fact] // .4·|½ - .95| + .4·|1 - .65| + .2·|0 - .3| = .18 + .14 + .06
    public void Expected_calibration_error_of_five_predictions()
    {
        float[] logits =
        [
            .. Logs(.95, .02, .02, .01), .. Logs(.95, .02, .02, .01), .. Logs(.65, .15, .1, .1),
            .. Logs(.65, .15, .1, .1), .. Logs(.3, .25, .25, .2),
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

    [Fact] // (-ln .7 - ln .3) / 2; the mean over the 2 × 2 table of both labels' columns would be 1.541454
    public void NLL_of_two_predictions() =>
        Assert.Equal(0.780324, Likelihood.Nll(Logs(.7, .2, .1, .1, .6, .3), [0, 2]), tolerance: 1e-6);

    [Fact] // ln(1 + e⁻⁵⁰) = e⁻⁵⁰ to first order, where 1 + e⁻⁵⁰ rounds to 1
    public void NLL_of_a_very_confident_prediction_keeps_its_digits() =>
        Assert.Equal(1, Likelihood.Nll([50, 0], [0]) / Math.Exp(-50), tolerance: 1e-12);

    [Fact] // e^1000 is beyond a double; the result is not: 1000 + ln(1 + e⁻¹⁰⁰⁰)
    public void NLL_of_a_very_wrong_prediction_is_finite() => Assert.Equal(1000, Likelihood.Nll([0, 1000], [0]));

    [Fact]
    public void A_network_agrees_with_itself()
    {
        var (logits, _) = Draw(50, 7, seed: 3);
        Assert.Equal(1, TeacherAgreement.Agreement(logits, logits, 7));
        Assert.Equal(0, TeacherAgreement.KlDivergence(logits, logits, 7));
    }

    [Fact] // logits are multiples of ⅛ and the constants integers, so that their sums are exact
    public void A_constant_added_to_a_row_changes_no_metric()
    {
        var (logits, labels) = Draw(200, 5, seed: 1);
        var (teacher, _) = Draw(200, 5, seed: 2);
        var shifted = logits.Select((z, i) => z + (i / 5 % 13) - 6).ToArray();
        Assert.Equal(AllMetrics(logits, teacher, labels), AllMetrics(shifted, teacher, labels));
        Assert.Equal(
            TeacherAgreement.KlDivergence(teacher, logits, 5), TeacherAgreement.KlDivergence(teacher, shifted, 5));
    }

    [Fact] // means over batches, weighted by their sizes, are the means over the whole
    public void Splitting_the_set_into_batches_changes_no_metric()
    {
        var (logits, labels) = Draw(200, 5, seed: 1);
        var (teacher, _) = Draw(200, 5, seed: 2);
        int[] ends = [0, 64, 65, 130, 200];
        var sums = new double[4];
        for (var k = 1; k < ends.Length; k++)
        {
            var (from, to) = (ends[k - 1], ends[k]);
            var batch = AllMetrics(
                logits[(from * 5)..(to * 5)], teacher[(from * 5)..(to * 5)], labels[from..to]);
            for (var m = 0; m < 4; m++) sums[m] += batch[m] * (to - from) / 200;
        }
        var whole = AllMetrics(logits, teacher, labels);
        for (var m = 0; m < 4; m++) Assert.Equal(whole[m], sums[m], tolerance: 1e-12);
    }

    [Fact]
    public void Accuracies_bound_the_agreement()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var (logits, labels) = Draw(40, 3, seed);
            var (teacher, _) = Draw(40, 3, seed + 1000);
            var agreement = TeacherAgreement.Agreement(teacher, logits, 3);
            Assert.True(TeacherAgreement.IsPossible(
                agreement, Accuracy.Of(logits, labels), Accuracy.Of(teacher, labels)));
        }
    }

    [Theory] // 75 % and 85 %: at least 60 and at most 90 of 100 predictions must be the same
    [InlineData(0.59, false)]
    [InlineData(0.60, true)]
    [InlineData(0.90, true)]
    [InlineData(0.91, false)]
    public void An_agreement_that_two_accuracies_do_not_allow_is_found(double agreement, bool possible) =>
        Assert.Equal(possible, TeacherAgreement.IsPossible(agreement, 0.75, 0.85));

    [Fact]
    public void A_logit_that_is_not_finite_is_named_by_row_and_class()
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
    public void Logits_that_make_no_whole_rows_are_refused() =>
        Assert.Throws<ArgumentException>(() => Accuracy.Of([0, 1, 2], [0, 1]));

    /// <summary>Accuracy, NLL, agreement, KL; and last the calibration error, which is no mean over rows.</summary>
    static double[] AllMetrics(float[] logits, float[] teacher, long[] labels) =>
    [
        Accuracy.Of(logits, labels),
        Likelihood.Nll(logits, labels),
        TeacherAgreement.Agreement(teacher, logits, 5),
        TeacherAgreement.KlDivergence(teacher, logits, 5),
        Calibration.ExpectedError(logits, labels),
    ];

    static (float[] Logits, long[] Labels) Draw(int rows, int classes, int seed)
    {
        var random = new Random(seed);
        float[] logits = [.. Enumerable.Range(0, rows * classes).Select(_ => random.Next(-32, 33) / 8f)];
        long[] labels = [.. Enumerable.Range(0, rows).Select(_ => (long)random.Next(classes))];
        return (logits, labels);
    }
}
