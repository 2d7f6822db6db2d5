using Retort.Runtime.Metrics;

namespace Retort.Tests.Metrics;

/// <summary>F1 of yes-or-no decisions.</summary>
public sealed class BinaryF1Tests
{
    // label 0: TP 1, FN 1, FP 1: 2 / 4. Label 1: TP 1, its second example unknown: 1. Together TP 2, wrong 2: 4 / 6
    [Fact]
    public void Macro_is_the_mean_over_labels_and_micro_counts_all_decisions()
    {
        var (macro, micro) = BinaryF1.MacroAndMicro([1, 1, -1, 1, 2, -1], [1, 1, 1, float.NaN, 0, 0], 2);
        Assert.Equal((0.5 + 1) / 2, macro, 1e-12);
        Assert.Equal(4 / 6.0, micro, 1e-12);
    }

    [Fact] // a probability of exactly ½ is no: FN alone
    public void A_logit_of_0_is_no() => Assert.Equal((0, 0), BinaryF1.MacroAndMicro([0], [1], 1));

    [Fact] // label 1 has no positive example and no yes: it counts 0, as in scikit-learn
    public void A_label_without_positives_and_without_a_yes_counts_0()
    {
        var (macro, micro) = BinaryF1.MacroAndMicro([1, -1, 1, -1], [1, 0, 1, 0], 2);
        Assert.Equal((0.5, 1), (macro, micro));
    }
}
