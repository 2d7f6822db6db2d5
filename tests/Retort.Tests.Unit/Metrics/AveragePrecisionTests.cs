using Retort.Runtime.Metrics;

namespace Retort.Tests.Metrics;

/// <summary>The area under the precision-recall curve as scikit-learn's average_precision_score defines it.</summary>
public sealed class AveragePrecisionTests
{
    [Fact] // by falling scores 1 0 1 0: ½ · 1/1 + ½ · 2/3, the example of scikit-learn's page
    public void Of_four_scores() =>
        Assert.Equal(5 / 6.0, AveragePrecision.Of([0.1f, 0.4f, 0.35f, 0.8f], [0, 0, 1, 1]), 1e-12);

    [Fact] // .5 three times is one threshold with recall 1 and precision 2/3, whichever of them comes first
    public void Equal_scores_are_one_threshold()
    {
        Assert.Equal(2 / 3.0, AveragePrecision.Of([0.5f, 0.5f, 0.5f, 0.1f], [1, 0, 1, 0]), 1e-12);
        Assert.Equal(2 / 3.0, AveragePrecision.Of([0.5f, 0.5f, 0.5f, 0.1f], [0, 1, 1, 0]), 1e-12);
    }

    [Fact] // 0 and -0 are equal: recall 1 with precision 1/2
    public void Zero_and_minus_zero_are_equal() => Assert.Equal(0.5, AveragePrecision.Of([0f, -0f], [0, 1]), 1e-12);

    [Fact] // without the unknown one the order is 1 0 1: ½ · 1 + ½ · 2/3
    public void Unknown_labels_are_left_out() =>
        Assert.Equal(5 / 6.0, AveragePrecision.Of([0.9f, 0.8f, 0.7f, 0.6f], [1, float.NaN, 0, 1]), 1e-12);

    [Fact]
    public void Without_a_positive_label_it_is_0_and_with_nothing_else_1()
    {
        Assert.Equal(0, AveragePrecision.Of([1, 2], [0, 0]));
        Assert.Equal(0, AveragePrecision.Of([], []));
        Assert.Equal(1, AveragePrecision.Of([1, 2], [1, 1]));
    }

    // label 0: 3 2 1 are 1 0 1: ½ + ½ · 2/3 = 5/6. Label 1: 2.5 .5 are 0 1: 1/2. Label 2 has no positive example.
    // Together 3 2.5 2 1 .5 0 are 1 0 0 1 1 0: 1/3 · 1 + 1/3 · 2/4 + 1/3 · 3/5 = .7
    [Fact]
    public void The_macro_mean_is_over_labels_that_have_a_positive_example_and_micro_over_all_decisions()
    {
        float[] scores = [3, 2.5f, 0, 2, 0.5f, 0, 1, 1.5f, 0];
        float[] labels = [1, 0, float.NaN, 0, 1, float.NaN, 1, float.NaN, 0];
        var (macro, micro) = AveragePrecision.MacroAndMicro(scores, labels, 3);
        Assert.Equal((5 / 6.0 + 1 / 2.0) / 2, macro, 1e-12);
        Assert.Equal(0.7, micro, 1e-12);
    }

    [Fact]
    public void A_score_that_is_no_number_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => AveragePrecision.Of([1, float.NaN], [1, 0]));
        Assert.Equal("Scores must be numbers; score 1 is NaN.", error.Message);
    }
}
