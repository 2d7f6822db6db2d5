using Retort.Runs;
using Retort.Report;
using Retort.Studies;
using Retort.Training;

namespace Retort.Tests.Studies;

/// <summary>Means, intervals and what is said of them.</summary>
public sealed class StatisticsTests
{
    static readonly SplitSizes All = new(1000, 1000, 100, 100);
    static readonly Score s_accuracy = new("accuracy", "accuracy", ScoreUnit.Percent);

    [Fact] // mean 2, sd √((1 + 0 + 1) / 2) = 1, t(0.975, 2) = 4.302653, half 4.302653 / √3 = 2.484138
    public void Interval_of_three_differences()
    {
        var interval = Interval.Of([1, 2, 3]);
        Assert.Equal(2, interval.Mean);
        Assert.Equal(-0.484138, interval.Low!.Value, tolerance: 1e-6);
        Assert.Equal(4.484138, interval.High!.Value, tolerance: 1e-6);
    }

    [Fact] // Student, Biometrika 1908, the sleep of ten patients: mean 1.58, sd 1.229995, t(0.975, 9) = 2.262157
    public void Interval_of_the_sleep_that_Student_measured()
    {
        var interval = Interval.Of([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]);
        Assert.Equal(0.7001142, interval.Low!.Value, tolerance: 1e-6);
        Assert.Equal(2.4598858, interval.High!.Value, tolerance: 1e-6);
    }

    [Fact] // of two candidates: t(1 - .0125, 2) = 6.205347, half 6.205347 / √3 = 3.582659
    public void Interval_of_the_best_of_two()
    {
        var interval = Interval.Of([1, 2, 3], candidates: 2);
        Assert.Equal(2, interval.Mean);
        Assert.Equal(-1.582659, interval.Low!.Value, tolerance: 1e-5);
    }

    [Fact]
    public void One_value_has_neither_spread_nor_interval()
    {
        Assert.Null(SeedStatistics.Of([0.5]).Sd);
        Assert.Equal(new Interval(0.5, null, null), Interval.Of([0.5]));
    }

    [Fact] // (.8 + .9) / 2; sd √(2 · .05²) = .0707107
    public void Spread_of_two_values()
    {
        var spread = SeedStatistics.Of([0.8, 0.9]);
        Assert.Equal(0.85, spread.Mean, tolerance: 1e-12);
        Assert.Equal(0.0707107, spread.Sd!.Value, tolerance: 1e-7);
    }

    [Fact] // of 1, 2, 3, 4 the place of 10 % is 0.1 · 3 = 0.3 after the first: 1.3
    public void Quantiles_lie_between_the_samples_linearly()
    {
        Assert.Equal(1.3, Quantiles.Of([4, 1, 3, 2], 0.1), tolerance: 1e-12);
        Assert.Equal(2.5, Quantiles.Of([4, 1, 3, 2], 0.5), tolerance: 1e-12);
    }

    [Theory] // half an interval of three values a step apart is 2.484138 steps
    [InlineData(Outcome.Helped,
        "distillation gained 0.8 points of accuracy (0.6 to 1.0) over the same budget without it",
        0.007, 0.008, 0.009)]
    [InlineData(Outcome.Hurt,
        "distillation lost 0.8 points of accuracy (0.6 to 1.0) against the same budget without it",
        -0.007, -0.008, -0.009)]
    [InlineData(Outcome.Undecided,
        "undecided: the difference of 3 pairs is +2.0 points of accuracy, and its 95 % interval, −0.5 to "
        + "+4.5, covers 0",
        0.01, 0.02, 0.03)]
    [InlineData(Outcome.Helped,
        "distillation gained 0.04 points of accuracy (0.02 to 0.06) over the same budget without it",
        0.0003, 0.0004, 0.0005)]
    [InlineData(Outcome.Helped,
        "distillation gained 1.0 points of accuracy (the same in each of 3 pairs, so that the interval has no "
        + "width) over the same budget without it",
        0.01, 0.01, 0.01)]
    [InlineData(Outcome.Undecided,
        "undecided: control and student have the same test accuracy in each of 3 pairs",
        0.0, 0.0, 0.0)]
    [InlineData(Outcome.Undecided,
        "undecided: 2 pairs of control and student, at least 3 are needed; so far the difference is +5.0 "
        + "points of accuracy",
        0.05, 0.05)]
    [InlineData(Outcome.Undecided,
        "undecided: 1 pair of control and student, at least 3 are needed; so far the difference is −1.0 "
        + "points of accuracy",
        -0.01)]
    public void A_verdict_and_its_sentence(Outcome outcome, string sentence, params double[] differences)
    {
        var verdict = Verdict.Of(s_accuracy, Pairs(differences), All, null);
        Assert.Equal((outcome, sentence), (verdict.Outcome, verdict.Sentence));
    }

    [Theory] // half an interval of three values a step apart is 2.484138 steps
    [InlineData("macro F1", ScoreUnit.Percent, true, Outcome.Helped,
        "distillation gained 0.8 points of macro F1 (0.6 to 1.0) over the same budget without it", 0.007, 0.008, 0.009)]
    [InlineData("Pearson correlation", ScoreUnit.Number, true, Outcome.Helped,
        "distillation gained 0.042 of Pearson correlation (0.017 to 0.067) over the same budget without it",
        0.032, 0.042, 0.052)]
    [InlineData("MSE", ScoreUnit.Number, false, Outcome.Helped,
        "distillation lowered the MSE by 0.12 (0.10 to 0.14) against the same budget without it", -0.11, -0.12, -0.13)]
    [InlineData("MSE", ScoreUnit.Number, false, Outcome.Hurt,
        "distillation raised the MSE by 12 (10 to 14) against the same budget without it", 11.0, 12.0, 13.0)]
    [InlineData("NLL", ScoreUnit.Nats, false, Outcome.Helped,
        "distillation lowered the NLL by 0.12 nats (0.10 to 0.14) against the same budget without it",
        -0.11, -0.12, -0.13)]
    [InlineData("NLL", ScoreUnit.Nats, false, Outcome.Undecided,
        "undecided: the difference of 3 pairs is −0.020 nats of NLL, and its 95 % interval, −0.045 to +0.005, covers 0",
        -0.01, -0.02, -0.03)]
    [InlineData("MSE", ScoreUnit.Number, false, Outcome.Undecided,
        "undecided: control and student have the same test MSE in each of 3 pairs", 0.0, 0.0, 0.0)]
    public void A_verdict_has_the_primary_score_in_its_unit_and_direction(
        string title, ScoreUnit unit, bool higher, Outcome outcome, string sentence, params double[] differences)
    {
        var verdict = Verdict.Of(new("score", title, unit, higher), Pairs(differences), All, null);
        Assert.Equal((outcome, sentence), (verdict.Outcome, verdict.Sentence));
    }

    [Fact] // the best of the method is the higher one, which is worse
    public void A_search_by_a_score_of_which_less_is_better_is_in_the_verdict()
    {
        var score = new Score("mse", "MSE", ScoreUnit.Number, HigherIsBetter: false);
        var sentence = Verdict.Of(score, Pairs(0.1, 0.2, 0.3), All, (0.4, 0.5)).Sentence;
        Assert.EndsWith("; in the search nothing brought the method below the control's best on validation "
            + "(0.5000 against 0.4000)", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_control_with_fewer_labels_is_mentioned()
    {
        var verdict = Verdict.Of(s_accuracy, Pairs(0.007, 0.008, 0.009), All with { Training = 10000 }, null);
        Assert.EndsWith(
            "without it; the control saw the 1,000 labelled examples only", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact] // the best of the method only draws level
    public void A_search_without_a_gain_is_mentioned()
    {
        var pairs = Pairs(0.007, 0.008, 0.009);
        Assert.EndsWith("; in the search nothing lifted the method above the control's best on validation "
            + "(84.0 against 84.0 %)",
            Verdict.Of(s_accuracy, pairs, All, (0.84, 0.84)).Sentence, StringComparison.Ordinal);
        var better = Verdict.Of(s_accuracy, pairs, All, (0.84, 0.85));
        Assert.DoesNotContain("search", better.Sentence, StringComparison.Ordinal);
    }

    static List<Pair> Pairs(
        params double[] differences) => [.. differences.Select(
            (difference, i) => new Pair(i + 1, 0.8, 0.8 + difference, difference))];
}
