using Retort.Runtime.Metrics;

namespace Retort.Tests.Metrics;

public sealed class UncertaintyTests
{
    static float[] Logs(params double[] probabilities) => [.. probabilities.Select(p => (float)Math.Log(p))];

    [Theory] // −.7 ln .7 − 3 · .1 ln .1 = .249672 + .690776; ln 4; −.97 ln .97 − 3 · .01 ln .01
    [InlineData(0.940448, .7, .1, .1, .1)]
    [InlineData(1.386294, .25, .25, .25, .25)]
    [InlineData(0.167701, .97, .01, .01, .01)]
    public void Entropy_of_one_prediction(double expected, params double[] probabilities) =>
        Assert.Equal(expected, Uncertainty.MeanEntropy(Logs(probabilities), 1), tolerance: 1e-6);

    [Fact] // softmax([2, 0] / 2) = [.731059, .268941], entropy .582203; at T = 1 [.880797, .119203], .365334
    public void Temperature_divides_the_logits()
    {
        float[] row = [2, 0];
        Assert.Equal(0.582203, Uncertainty.MeanEntropy(row, 1, temperature: 2), tolerance: 1e-6);
        Assert.Equal(0.365334, Uncertainty.MeanEntropy(row, 1), tolerance: 1e-6);
        Assert.Equal(0.731059, Uncertainty.LabelConfidence(row, [0], temperature: 2), tolerance: 1e-6);
        Assert.Equal(
            (0.731059 + 0.268941) / 2, Uncertainty.LabelConfidence([.. row, .. row], [0, 1], temperature: 2),
            tolerance: 1e-6);
    }

    // ψ(4) − ψ(1) = 1 + ½ + ⅓; the nearest neighbors of {.1, .2, .4, .8} are at .1, .1, .2, .4, the second nearest at
    // .3, .2, .3, .6
    [Theory]
    [InlineData(1, 0.743756)]                                               // 1.833333 + .693147 − 1.782725
    [InlineData(2, 0.394428)]                                               // .833333 + .693147 − 1.132053
    public void Entropy_of_four_numbers_by_their_neighbors(int k, double expected) =>
        Assert.Equal(expected, Uncertainty.Entropy([.4, .1, .8, .2], k).Nats, tolerance: 1e-6);

    [Theory] // entropy of Beta(a, 1): −ln a + (a − 1) / a
    [InlineData(1)]
    [InlineData(3)]
    public void Entropy_of_many_draws_is_that_of_their_distribution(double a)
    {
        var random = new RandomStream(1, StreamKey.Data);
        var draws = new double[2000];
        for (var i = 0; i < draws.Length; i++) draws[i] = Math.Pow(random.Uniform(), 1 / a);
        Assert.Equal(-Math.Log(a) + (a - 1) / a, Uncertainty.Entropy(draws).Nats, tolerance: 0.06);
    }

    [Fact] // brute force: all distances sorted
    public void Entropy_uses_the_kth_nearest_neighbor_on_either_side()
    {
        var random = new RandomStream(2, StreamKey.Data);
        var values = Enumerable.Range(0, 60).Select(i => i % 7 == 0 ? 0.5 : random.Uniform()).ToArray();
        for (var k = 1; k <= 12; k++)
        {
            var logs = values.Select(x => Math.Log(Math.Max(Distance(x, k), 1e-12))).ToList();
            var psi = Enumerable.Range(k, 60 - k).Sum(i => 1.0 / i);
            var (nats, floored) = Uncertainty.Entropy(values, k);
            Assert.Equal(psi + Math.Log(2) + logs.Average(), nats, tolerance: 1e-9);
            Assert.Equal(k <= 8 ? 9 : 0, floored);                          // nine equal numbers have eight others at 0
        }
        Assert.Throws<ArgumentException>(() => Uncertainty.Entropy([1, 2, 3]));

        double Distance(double x, int k) => values.Select(y => Math.Abs(x - y)).Order().ElementAt(k);
    }

    [Fact] // c = .9, .9, .5, .1: mean .6, squares .09 .09 .01 .25 → .11; 20 bins hold 2, 1, 1: ½ ln 10 + 2 · ¼ ln 5
    public void Diversity_of_four_predictions()
    {
        float[] logits = [.. Logs(.9, .1), .. Logs(.9, .1), .. Logs(.5, .5), .. Logs(.9, .1)];
        var diversity = Uncertainty.Diversity(logits, [0, 0, 1, 1], k: 1);
        Assert.Equal(0.11, diversity.Variance, tolerance: 1e-6);
        Assert.Equal(-1.956012, diversity.Histogram, tolerance: 1e-6);
        Assert.Equal(2, diversity.Floored);
    }

    [Fact] // 1 − p is e⁻³⁰, e⁻³¹ and e⁻³²: p itself would round to 1
    public void Confidences_close_to_1_keep_their_digits()
    {
        var diversity = Uncertainty.Diversity([30f, 0f, 31f, 0f, 32f, 0f], [0, 0, 0], k: 1);
        var mean = (Math.Exp(-30) + Math.Exp(-31) + Math.Exp(-32)) / 3;
        var variance = (Math.Exp(-60) + Math.Exp(-62) + Math.Exp(-64)) / 3 - Math.Pow(mean, 2);
        Assert.Equal(variance, diversity.Variance, tolerance: 1e-30);
        Assert.Equal(3, diversity.Floored);
    }

    [Fact] // twenty bins: .4·|½ − .95| + .4·|1 − .65| + .2·|0 − .3|
    public void Expected_calibration_error_of_five_predictions_in_twenty_bins()
    {
        float[] logits =
        [
            .. Logs(.95, .02, .02, .01), .. Logs(.95, .02, .02, .01), .. Logs(.65, .15, .1, .1),
            .. Logs(.65, .15, .1, .1), .. Logs(.3, .25, .25, .2),
        ];
        Assert.Equal(0.38, Calibration.ExpectedError(logits, [0, 1, 0, 0, 1], bins: 20), tolerance: 1e-6);
    }
}
