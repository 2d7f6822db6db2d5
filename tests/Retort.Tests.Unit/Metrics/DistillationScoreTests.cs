using Retort.Runtime.Metrics;

namespace Retort.Tests.Metrics;

/// <summary>The survey's worked values: ResNet-44 on CIFAR-100 at 71.76 % and four students of it (Walawalkar et al. 2020).</summary>
public sealed class DistillationScoreTests
{
    static readonly (double Ratio, double Accuracy)[] Students = [(0.6284, 69.12), (0.3536, 67.04), (0.1525, 62.87), (0.0374, 43.11)];

    static DistillationScore Score(int student, double alpha) => DistillationScore.Of(Students[student - 1].Ratio, 1, Students[student - 1].Accuracy, 71.76, alpha);

    [Theory]
    [InlineData(1, .0368, .2143, .3326, .4509, .6284)]
    [InlineData(2, .0658, .1521, .2097, .2673, .3536)]
    [InlineData(3, .1239, .1325, .1382, .1439, .1525)]
    [InlineData(4, .3992, .2907, .2183, .1460, .0374)]
    public void The_surveys_four_students_score_as_in_the_survey(int student, params double[] expected)
    {
        double[] alphas = [0, .3, .5, .7, 1];
        for (var i = 0; i < alphas.Length; i++) Assert.Equal(expected[i], Score(student, alphas[i]).Value, tolerance: 6e-5);
    }

    [Theory]
    [InlineData(1, 2, .0954)]
    [InlineData(1, 3, .1547)]
    [InlineData(1, 4, .3802)]
    [InlineData(2, 3, .2242)]
    [InlineData(2, 4, .5133)]
    [InlineData(3, 4, .7052)]
    public void Two_of_them_change_places_at_this_alpha(int one, int other, double alpha)
    {
        var at = DistillationScore.BreakEven(Score(one, 0.5), Score(other, 0.5))!.Value;
        Assert.Equal(alpha, at, tolerance: 5e-5);
        Assert.Equal(Score(one, at).Value, Score(other, at).Value, tolerance: 1e-12);
        Assert.Equal(at, DistillationScore.BreakEven(Score(other, 0.5), Score(one, 0.5))!.Value, tolerance: 1e-12);
    }

    [Fact]
    public void One_that_is_smaller_and_better_never_changes_places() =>
        Assert.Null(DistillationScore.BreakEven(DistillationScore.Of(1, 10, 0.9, 1), DistillationScore.Of(2, 10, 0.8, 1)));

    [Theory] // of one size they score alike at α = 1, of one accuracy at α = 0: nothing turns there
    [InlineData(2, 0.9, 2, 0.8)]
    [InlineData(1, 0.9, 2, 0.9)]
    [InlineData(2, 0.9, 2, 0.9)]
    public void Nothing_turns_where_one_is_never_worse(double size, double accuracy, double otherSize, double otherAccuracy) =>
        Assert.Null(DistillationScore.BreakEven(DistillationScore.Of(size, 10, accuracy, 1), DistillationScore.Of(otherSize, 10, otherAccuracy, 1)));

    [Fact] // a copy scores α; nothing at equal accuracy 0; half the size at 110 % of the accuracy ¼ - .05 = .20, at α = 0 -.10
    public void A_copy_scores_alpha_and_a_student_above_its_teacher_may_score_below_zero()
    {
        Assert.Equal(0.3, DistillationScore.Of(7, 7, 0.8, 0.8, 0.3).Value, tolerance: 1e-12);
        Assert.Equal(0, DistillationScore.Of(0, 7, 0.8, 0.8).Value, tolerance: 1e-12);
        Assert.Equal(0.20, DistillationScore.Of(5, 10, 88, 80).Value, tolerance: 1e-12);
        Assert.Equal(-0.10, DistillationScore.Of(5, 10, 88, 80, 0).Value, tolerance: 1e-12);
    }

    [Fact] // linear in α; per cent or fraction, parameters or bytes: only ratios enter
    public void It_is_linear_in_alpha_and_blind_to_units()
    {
        var (all, none) = (Score(2, 1).Value, Score(2, 0).Value);
        Assert.Equal(0.3 * all + 0.7 * none, Score(2, 0.3).Value, tolerance: 1e-12);
        Assert.Equal(DistillationScore.Of(3, 9, 0.7, 0.8).Value, DistillationScore.Of(12, 36, 70, 80).Value, tolerance: 1e-12);
    }

    [Fact] // V2: over any four students the best is never larger at a larger α
    public void The_best_student_grows_no_larger_as_alpha_grows()
    {
        var chance = new RandomStream(3, StreamKey.Data);
        for (var round = 0; round < 200; round++)
        {
            var scores = Enumerable.Range(0, 4).Select(_ => DistillationScore.Of(chance.Uniform(), 1, chance.Uniform(0.2, 1.1), 1)).ToList();
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
    public void What_no_network_can_have_is_refused(double size, double teacher, double accuracy, double teacherAccuracy, double alpha, string sentence) =>
        Assert.StartsWith(sentence, Assert.Throws<ArgumentOutOfRangeException>(() => DistillationScore.Of(size, teacher, accuracy, teacherAccuracy, alpha)).Message, StringComparison.Ordinal);
}
