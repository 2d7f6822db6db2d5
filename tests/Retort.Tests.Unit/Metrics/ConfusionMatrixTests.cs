using Retort.Runtime.Metrics;

namespace Retort.Tests.Metrics;

/// <summary>Macro F1 and Matthews' coefficient from counts.</summary>
public sealed class ConfusionMatrixTests
{
    /// <summary>Logits and labels of a matrix of counts, row by label, column by predicted class.</summary>
    static ConfusionMatrix Matrix(int[,] counts)
    {
        var (classes, logits, labels) = (counts.GetLength(1), new List<float>(), new List<long>());
        for (var label = 0; label < counts.GetLength(0); label++)
            for (var predicted = 0; predicted < classes; predicted++)
                for (var i = 0; i < counts[label, predicted]; i++)
                {
                    logits.AddRange(Enumerable.Range(0, classes).Select(k => k == predicted ? 1f : 0f));
                    labels.Add(label);
                }
        return ConfusionMatrix.Of(logits.ToArray(), labels.ToArray());
    }

    [Fact] // TP 6, FN 2, FP 1, TN 3: (6·3 − 1·2) / √((6+1)(6+2)(3+1)(3+2)) = 16 / √1120
    public void Mcc_of_two_classes() => Assert.Equal(0.478091, Matrix(new[,] { { 3, 1 }, { 2, 6 } }).Mcc, 1e-6);

    [Fact] // class 1: 2·6 / (2·6 + 1 + 2) = .8; class 0: 2·3 / (2·3 + 2 + 1) = 2/3
    public void Macro_f1_of_two_classes() =>
        Assert.Equal((0.8 + 2 / 3.0) / 2, Matrix(new[,] { { 3, 1 }, { 2, 6 } }).MacroF1, 1e-12);

    [Fact] // N 10, trace 8, t = (3, 3, 4), p = (2, 3, 5), Σ t p = 35: (80 − 35) / √((100 − 38)(100 − 34)) = 45 / √4092
    public void Mcc_of_three_classes() =>
        Assert.Equal(0.703469, Matrix(new[,] { { 2, 1, 0 }, { 0, 2, 1 }, { 0, 0, 4 } }).Mcc, 1e-6);

    [Fact] // 2·2 / (4 + 1), 2·2 / (4 + 1 + 1), 2·4 / (8 + 1)
    public void Macro_f1_of_three_classes() => Assert.Equal(
        (4 / 5.0 + 4 / 6.0 + 8 / 9.0) / 3, Matrix(new[,] { { 2, 1, 0 }, { 0, 2, 1 }, { 0, 0, 4 } }).MacroF1, 1e-12);

    [Fact]
    public void Mcc_is_1_where_all_is_right_and_minus_1_where_two_classes_are_swapped()
    {
        Assert.Equal(1, Matrix(new[,] { { 2, 0, 0 }, { 0, 3, 0 }, { 0, 0, 4 } }).Mcc, 1e-12);
        Assert.Equal(-1, Matrix(new[,] { { 0, 5 }, { 5, 0 } }).Mcc, 1e-12);
    }

    [Fact]
    public void Mcc_is_0_where_all_predictions_or_all_labels_are_of_one_class()
    {
        Assert.Equal(0, Matrix(new[,] { { 0, 4 }, { 0, 6 } }).Mcc);
        Assert.Equal(0, Matrix(new[,] { { 0, 0 }, { 4, 6 } }).Mcc);
    }

    [Fact] // 1, 1 and 0: two classes are right, the third is neither there nor predicted
    public void A_class_that_is_neither_there_nor_predicted_counts_0() =>
        Assert.Equal(2 / 3.0, Matrix(new[,] { { 2, 0, 0 }, { 0, 3, 0 } }).MacroF1, 1e-12);

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void A_label_that_is_no_class_is_refused(long label)
    {
        var error = Assert.Throws<ArgumentException>(() => ConfusionMatrix.Of([1, 0, 1, 0], [0, label]));
        Assert.Equal($"Labels must be from 0 to 1; row 1 has {label}.", error.Message);
    }
}
