using Retort.Runtime.Metrics;

namespace Retort.Tests.Metrics;

/// <summary>
/// The survey's example: ResNet-44 on CIFAR-100 with 71.76 % accuracy, and four students of it (Walawalkar et al.
/// 2020).
/// </summary>
public sealed class DistillationScoreTests
{
    static readonly (double Ratio, double Accuracy)[] s_students =
        [(0.6284, 69.12), (0.3536, 67.04), (0.1525, 62.87), (0.0374, 43.11)];

    static DistillationScore Score(int student, double alpha)
    {
        var (ratio, accuracy) = s_students[student - 1];
        return DistillationScore.Of(ratio, 1, accuracy, 71.76, alpha);
    }

    [Theory]
    [InlineData(1, .0368, .2143, .3326, .4509, .6284)]
    [InlineData(2, .0658, .1521, .2097, .2673, .3536)]
    [InlineData(3, .1239, .1325, .1382, .1439, .1525)]
    [InlineData(4, .3992, .2907, .2183, .1460, .0374)]
    public void The_four_students_have_the_scores_of_the_survey(int student, params double[] expected)
    {
        double[] alphas = [0, .3, .5, .7, 1];
        for (var i = 0; i < alphas.Length; i++)
            Assert.Equal(expected[i], Score(student, alphas[i]).Value, tolerance: 6e-5);
    }

    [Theory]
    [InlineData(1, 2, .0954)]
    [InlineData(1, 3, .1547)]
    [InlineData(1, 4, .3802)]
    [InlineData(2, 3, .2242)]
    [InlineData(2, 4, .5133)]
    [InlineData(3, 4, .7052)]
    public void Two_students_change_their_order_at_this_alpha(int one, int other, double alpha)
    {
        var found = DistillationScore.BreakEven(Score(one, 0.5), Score(other, 0.5))!.Value;
        Assert.Equal(alpha, found, tolerance: 5e-5);
        Assert.Equal(Score(one, found).Value, Score(other, found).Value, tolerance: 1e-12);
        var reversed = DistillationScore.BreakEven(Score(other, 0.5), Score(one, 0.5))!.Value;
        Assert.Equal(found, reversed, tolerance: 1e-12);
    }

    [Fact]
    public void A_student_that_is_smaller_and_better_never_changes_its_place()
    {
        var better = DistillationScore.Of(1, 10, 0.9, 1);
        var worse = DistillationScore.Of(2, 10, 0.8, 1);
        Assert.Null(DistillationScore.BreakEven(better, worse));
    }

    [Theory] // of equal sizes they are equal at α = 1, of equal accuracies at α = 0: the order does not change there
    [InlineData(2, 0.9, 2, 0.8)]
    [InlineData(1, 0.9, 2, 0.9)]
    [InlineData(2, 0.9, 2, 0.9)]
    public void Students_of_equal_size_or_accuracy_never_change_their_order(
        double size, double accuracy, double otherSize, double otherAccuracy)
    {
        var one = DistillationScore.Of(size, 10, accuracy, 1);
        var other = DistillationScore.Of(otherSize, 10, otherAccuracy, 1);
        Assert.Null(DistillationScore.BreakEven(one, other));
    }

    [Fact] // a copy scores α; size 0 at equal accuracy 0; half the size at 110 % of the accuracy ¼ - .05 = .20
    public void A_copy_scores_alpha_and_a_better_student_may_score_below_zero()
    {
        Assert.Equal(0.3, DistillationScore.Of(7, 7, 0.8, 0.8, 0.3).Value, tolerance: 1e-12);
        Assert.Equal(0, DistillationScore.Of(0, 7, 0.8, 0.8).Value, tolerance: 1e-12);
        Assert.Equal(0.20, DistillationScore.Of(5, 10, 88, 80).Value, tolerance: 1e-12);
        Assert.Equal(-0.10, DistillationScore.Of(5, 10, 88, 80, 0).Value, tolerance: 1e-12);
    }

    [Fact] // per cent or fraction, parameters or bytes: only ratios count
    public void The_score_is_linear_in_alpha_and_independent_of_units()
    {
        var (atOne, atZero) = (Score(2, 1).Value, Score(2, 0).Value);
        Assert.Equal(0.3 * atOne + 0.7 * atZero, Score(2, 0.3).Value, tolerance: 1e-12);
        Assert.Equal(
            DistillationScore.Of(3, 9, 0.7, 0.8).Value, DistillationScore.Of(12, 36, 70, 80).Value, tolerance: 1e-12);
    }

    [Fact]
    public void The_best_of_four_students_is_never_larger_at_a_larger_alpha()
    {
        var random = new RandomStream(3, StreamKey.Data);
        for (var round = 0; round < 200; round++)
        {
            var scores = Enumerable.Range(0, 4)
                .Select(_ => DistillationScore.Of(random.Uniform(), 1, random.Uniform(0.2, 1.1), 1)).ToList();
            var last = double.PositiveInfinity;
            for (var alpha = 0.0; alpha <= 1; alpha += 0.05)
            {
                var best = scores.MinBy(score => (score with { Alpha = alpha }).Value)!.SizeRatio;
                Assert.True(best <= last);
                last = best;
            }
        }
    }

    [Theory]
    [InlineData(-1, 1, 1, 1, 0.5, "studentSize must be at least 0; it is -1.")]
    [InlineData(1, 0, 1, 1, 0.5, "teacherSize must be greater than 0; it is 0.")]
    [InlineData(1, 1, -0.1, 1, 0.5, "studentAccuracy must be at least 0; it is -0.1.")]
    [InlineData(1, 1, 1, 0, 0.5, "teacherAccuracy must be greater than 0; it is 0.")]
    [InlineData(1, 1, 1, 1, 1.1, "alpha must be from 0 to 1; it is 1.1.")]
    [InlineData(1, 1, 1, 1, double.NaN, "alpha must be from 0 to 1; it is NaN.")]
    public void Impossible_values_are_refused(
        double size, double teacherSize, double accuracy, double teacherAccuracy, double alpha, string sentence)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            () => DistillationScore.Of(size, teacherSize, accuracy, teacherAccuracy, alpha));
        Assert.StartsWith(sentence, error.Message, StringComparison.Ordinal);
    }
}
