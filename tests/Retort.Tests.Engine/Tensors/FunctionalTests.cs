using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

/// <summary>Losses and relations, compared with values by hand and with what papers state about them.</summary>
public sealed class FunctionalTests
{
    static readonly double[,] s_teacherLogits = { { 2, 1, 0 } };
    static readonly double[,] s_studentLogits = { { .5, .5, -1 } };

    static Tensor Doubles(double[,] values) => torch.tensor(values, dtype: ScalarType.Float64);

    [Fact] // by hand: ¾ ln(¾ / ½) + ¼ ln(¼ / ½)
    public void KL_divergence_of_a_biased_coin_from_a_fair_one()
    {
        using var scope = NewDisposeScope();
        var biased = Doubles(new[,] { { 0.75, 0.25 } });
        var fair = Doubles(new[,] { { 0.5, 0.5 } }).log();
        Assert.Equal(0.130812, KlDivergence(biased, fair).item<double>(), tolerance: 1e-6);
    }

    [Fact] // 1 · ln(1 / ½) + 0 · ln 0 = ln 2, and no NaN from the 0
    public void KL_divergence_and_entropy_of_a_certain_prediction()
    {
        using var scope = NewDisposeScope();
        var certain = Doubles(new[,] { { 1.0, 0.0 } });
        var fair = Doubles(new[,] { { 0.5, 0.5 } }).log();
        Assert.Equal(Math.Log(2), KlDivergence(certain, fair).item<double>(), tolerance: 1e-12);
        Assert.Equal(0, Entropy(certain).item<double>());
    }

    [Fact] // the same two examples twice: a mean over examples stays the same, a sum would double
    public void Losses_are_means_over_examples_and_sums_over_classes()
    {
        using var scope = NewDisposeScope();
        var p = Doubles(new[,] { { 0.75, 0.25 }, { 0.5, 0.5 } });
        var logQ = Doubles(new[,] { { 0.5, 0.5 }, { 0.9, 0.1 } }).log();
        var (p2, logQ2) = (cat([p, p]), cat([logQ, logQ]));
        Assert.Equal(
            KlDivergence(p, logQ).item<double>(), KlDivergence(p2, logQ2).item<double>(), tolerance: 1e-12);
        Assert.Equal(
            SoftCrossEntropy(p, logQ).item<double>(), SoftCrossEntropy(p2, logQ2).item<double>(), tolerance: 1e-12);
        Assert.Equal(Entropy(p).item<double>(), Entropy(p2).item<double>(), tolerance: 1e-12);
    }

    [Theory] // teacher [2, 1, 0], student [.5, .5, -1], by hand
    [InlineData(1, 0.933962, -.215425, .205088, .010337, 0.832396)]
    [InlineData(2, 4.179674, -.204019, .194550, .009469, 4.080765)]
    [InlineData(4, 17.342179, -.188427, .182505, .005922, 17.249594)]
    public void The_distillation_loss_its_gradient_and_its_minimum(
        double T, double loss, double first, double second, double third, double minimum)
    {
        using var scope = NewDisposeScope();
        var teacher = Doubles(s_teacherLogits);
        var student = Doubles(s_studentLogits).requires_grad_(true);
        var p = teacher.Softmax(T);
        var actual = T * T * SoftCrossEntropy(p, student.LogSoftmax(T));
        actual.backward();
        Assert.Equal(loss, actual.item<double>(), tolerance: 1e-6);
        Assert.Equal(minimum, T * T * Entropy(p).item<double>(), tolerance: 1e-6);
        Assert.Equal(
            loss - minimum, T * T * KlDivergence(p, student.LogSoftmax(T)).item<double>(), tolerance: 1.1e-6);

        var gradient = student.grad!.data<double>().ToArray();
        Assert.Equal(first, gradient[0], tolerance: 1e-6);
        Assert.Equal(second, gradient[1], tolerance: 1e-6);
        Assert.Equal(third, gradient[2], tolerance: 1e-6);
    }

    [Fact] // KL at T = 1 is .101566; with the arguments exchanged it would be .108690
    public void The_KL_divergence_has_a_direction()
    {
        using var scope = NewDisposeScope();
        var (teacher, student) = (Doubles(s_teacherLogits), Doubles(s_studentLogits));
        Assert.Equal(
            0.101566, KlDivergence(teacher.Softmax(), student.LogSoftmax()).item<double>(), tolerance: 1e-6);
        Assert.Equal(
            0.108690, KlDivergence(student.Softmax(), teacher.LogSoftmax()).item<double>(), tolerance: 1e-6);
    }

    // arXiv:1503.02531, Eq. 4. Centered: student [.5, .5, -1], teacher [1, 0, -1]; difference / C = [-1/6, 1/6, 0]
    [Fact]
    public void At_a_high_temperature_distillation_matches_centered_logits()
    {
        using var scope = NewDisposeScope();
        const double T = 1e5;
        var student = Doubles(s_studentLogits).requires_grad_(true);
        var loss = T * T * KlDivergence(Doubles(s_teacherLogits).Softmax(T), student.LogSoftmax(T));
        loss.backward();
        var gradient = student.grad!.data<double>().ToArray();
        Assert.Equal(-1 / 6.0, gradient[0], tolerance: 1e-5);
        Assert.Equal(1 / 6.0, gradient[1], tolerance: 1e-5);
        Assert.Equal(0, gradient[2], tolerance: 1e-5);
    }

    [Fact] // they differ by the entropy of p, which does not depend on q
    public void Soft_cross_entropy_and_KL_divergence_have_the_same_gradient()
    {
        using var scope = NewDisposeScope();
        var student = Doubles(s_studentLogits).requires_grad_(true);
        var p = Doubles(s_teacherLogits).Softmax();
        var ofCrossEntropy = Autograd.Grad(SoftCrossEntropy(p, student.LogSoftmax()), [student])[0];
        var ofDivergence = Autograd.Grad(KlDivergence(p, student.LogSoftmax()), [student])[0];
        Assert.True(allclose(ofCrossEntropy, ofDivergence, rtol: 1e-12, atol: 1e-14));
    }

    [Fact]
    public void Padding_changes_no_loss_and_gets_no_gradient_whatever_it_holds()
    {
        using var scope = NewDisposeScope();
        var mask = torch.tensor(new[,] { { true, true, false }, { true, false, false } });
        var labels = torch.tensor(new long[,] { { 0, 1, 0 }, { 2, 0, 0 } });
        var teacher = torch.linspace(-1, 1, 18, dtype: ScalarType.Float64).reshape(2, 3, 3);
        var clean = torch.linspace(2, -1, 18, dtype: ScalarType.Float64).square().reshape(2, 3, 3);
        var padding = mask.logical_not().unsqueeze(-1);
        Func<Tensor, Tensor>[] losses =
        [
            x => TokenCrossEntropy(x, labels, mask),
            x => TokenKlDivergence(teacher.Softmax(), x.LogSoftmax(), mask),
            x => TokenMeanSquaredError(teacher, x, mask),
            x => TokenCosineDistance(teacher, x, mask),
            x => MaskedMean(x.select(2, 0), mask),
            x => x.MeanTokens(mask).square().sum(),
        ];
        foreach (var loss in losses)
            foreach (var junk in new[] { 0.0, 1e6, double.NaN })
            {
                var x = clean.masked_fill(padding, junk).requires_grad_(true);
                var value = loss(x);
                var gradient = Autograd.Grad(value, [x])[0];
                Assert.Equal(loss(clean).item<double>(), value.item<double>());
                if (!double.IsNaN(junk)) Assert.Equal(0, gradient.masked_select(padding).abs().sum().item<double>());
            }
    }

    [Fact]
    public void A_batch_of_padding_only_has_a_loss_of_0()
    {
        using var scope = NewDisposeScope();
        var mask = zeros(2, 3, dtype: ScalarType.Bool);
        var (x, y) = (rand(2, 3, 4), rand(2, 3, 4));
        Assert.Equal(0, TokenCrossEntropy(x, zeros(2, 3, dtype: ScalarType.Int64), mask).item<float>());
        Assert.Equal(0, TokenKlDivergence(x.Softmax(), y.LogSoftmax(), mask).item<float>());
        Assert.Equal(0, TokenMeanSquaredError(x, y, mask).item<float>());
        Assert.Equal(0, TokenCosineDistance(x, y, mask).item<float>());
        Assert.Equal(0, x.MeanTokens(mask).abs().sum().item<float>());
    }

    [Fact] // ones and zeros as numbers would be taken for row indices
    public void A_mask_that_is_not_bool_is_refused()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() => rand(2, 3, 4).SelectTokens(ones(2, 3)));
        Assert.Equal("SelectTokens: the mask must be bool, true at tokens; Float32 came.", error.Message);
        Assert.Throws<ArgumentException>(() => rand(2, 3, 4).SelectTokens(ones(2, 4, dtype: ScalarType.Bool)));
    }

    [Fact] // the slope of √ at 0 would be infinite
    public void Norms_and_distances_of_zeros_have_finite_gradients()
    {
        using var scope = NewDisposeScope();
        var x = zeros(2, 3).requires_grad_(true);
        Tensor[] results =
            [x.RowNorms().sum(), x.UnitRows().sum(), DistanceMatrix(x).sum(), x.StandardizedRows().sum()];
        foreach (var y in results) Assert.True(Autograd.Grad(y, [x])[0].isfinite().all().item<bool>());
    }

    [Fact] // members [.8, .2] and [.4, .6] give [.6, .4]
    public void An_ensemble_averages_probabilities_not_logits()
    {
        using var scope = NewDisposeScope();
        var members = torch.tensor(new[, ,] { { { .8, .2 } }, { { .4, .6 } } }).log();
        var mean = members.LogMeanProbability().data<double>().ToArray();
        Assert.Equal(-0.510826, mean[0], tolerance: 1e-6);
        Assert.Equal(-0.916291, mean[1], tolerance: 1e-6);
    }

    [Fact] // a sum of ones in bfloat16 would stop at 256
    public void Losses_of_bfloat16_are_computed_in_float32()
    {
        using var scope = NewDisposeScope();
        var x = ones(1000, 2, dtype: ScalarType.BFloat16);
        var labels = zeros(1000, dtype: ScalarType.Int64);
        Assert.Equal(ScalarType.Float32, MeanSquaredError(x, zeros_like(x)).dtype);
        Assert.Equal(Math.Log(2), CrossEntropy(x, labels, 1000).item<float>(), 1e-6);
        Assert.Equal(Math.Log(2), Entropy(x.Softmax()).item<float>(), 1e-6);
    }

    [Fact]
    public void A_loss_never_broadcasts()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() => MeanSquaredError(rand(3, 1), rand(3, 4)));
        Assert.Equal("MeanSquaredError: both must have one shape; [3, 1] and [3, 4] came.", error.Message);
        Assert.Throws<ArgumentException>(() => KlDivergence(rand(1, 4), rand(3, 4)));
    }
}
