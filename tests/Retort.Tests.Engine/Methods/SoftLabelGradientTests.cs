using Retort.Contracts.Distilled;
using Retort.Methods;
using Retort.Models;
using static Retort.Methods.SoftLabelDataset;
using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>
/// The gradient through the steps: worked by hand, by central differences on networks, and both ways to the same.
/// </summary>
public sealed class SoftLabelGradientTests
{
    public static TheoryData<bool> Ways => [false, true];

    // ℓ = ½(θx − y)², L = ½(θ₁X − Y)², r = θ₁X − Y: dx = −ηrX(2θ₀x − y), dy = ηrXx, dη = −rXx(θ₀x − y),
    // dθ₀ = rX(1 − ηx²)
    [Theory]
    [InlineData(false, 0, 1, 1, 2, 3, 3.92, -0.56, -0.56, -5.6, -5.04)]
    [InlineData(true, 0, 1, 1, 2, 3, 3.92, -0.56, -0.56, -5.6, -5.04)]
    [InlineData(false, 0.5, 2, 3, 1, 2, 0.605, -0.11, -0.22, -4.4, -0.66)]
    [InlineData(true, 0.5, 2, 3, 1, 2, 0.605, -0.11, -0.22, -4.4, -0.66)]
    public void One_step_of_linear_regression(bool unrolled, double theta0, double x, double y, double X, double Y,
        double loss, double dx, double dy, double dEta, double dTheta)
    {
        using var scope = NewDisposeScope();
        var found = Of(unrolled, Squares, new(Of(x), Of(y), Of(0.1)), Of(theta0), theta => Square(theta, Of(X), Of(Y)));
        Near([loss, dx, dy, dEta, dTheta],
            [found.Loss, .. Values(found.Of.Inputs, found.Of.Labels, found.Of.Rates, found.Start!)]);
    }

    // θ = 0.1, 0.28: the sample's gradients add over the epochs, the step sizes' do not
    [Theory, MemberData(nameof(Ways))]
    public void Two_steps_on_the_same_sample(bool unrolled)
    {
        using var scope = NewDisposeScope();
        var found = Of(unrolled, Squares, new(Of(1), Of(1), Row(0.1, 0.2)), Of(0),
            theta => Square(theta, Of(2), Of(3)));
        Near([2.9768, -1.1712, -1.3664, -3.904, -4.392, -3.5136],
            [found.Loss, .. Values(found.Of.Inputs, found.Of.Labels, found.Of.Rates, found.Start!)]);
    }

    // W₁ = η (y − s/K) xᵀ with s = Σy; logits η (x·X)(y − s/K); dy = η (x·X)(q − 1[c]); the second row fails where
    // labels are normalized or cut at 0
    [Theory]
    [InlineData(false, 0.7, 0.2, 0.1, 0.9241077011, -0.3016, 0.1545, 0.1470, -0.3310, -0.1655)]
    [InlineData(true, 0.7, 0.2, 0.1, 0.9241077011, -0.3016, 0.1545, 0.1470, -0.3310, -0.1655)]
    [InlineData(false, 1.5, -0.2, 0.3, 0.6811892527, -0.2470, 0.1081, 0.1389, -0.7009, -0.3505)]
    [InlineData(true, 1.5, -0.2, 0.3, 0.6811892527, -0.2470, 0.1081, 0.1389, -0.7009, -0.3505)]
    public void Softmax_from_zero_weights_with_labels_of_any_sum(bool unrolled, double y0, double y1, double y2,
        double loss, double dy0, double dy1, double dy2, double dEta, double dx)
    {
        using var scope = NewDisposeScope();
        var real = Row(1, 0);                                                                   // [1, 2]
        var inner = new InnerLoss((x, y, theta, _) => DistilledSamples.Loss(Linear(x, theta), y));
        var at = new Variables(
            Row(1, 2).unsqueeze(0).unsqueeze(0), Row(y0, y1, y2).unsqueeze(0).unsqueeze(0), Row(0.5));
        var found = Of(unrolled, inner, at, zeros(6, dtype: ScalarType.Float64),
            theta => Linear(real.unsqueeze(0), theta).LogSoftmax().Slice(1, 0, 1).Times(-1).sum());
        Assert.Equal(loss, found.Loss, 1e-10);
        double[] wanted = [dx, 0, dy0, dy1, dy2, dEta];
        var values = Values(found.Of.Inputs, found.Of.Labels, found.Of.Rates);
        foreach (var (expected, value) in wanted.Zip(values)) Assert.Equal(expected, value, 5.1e-5);

        static Tensor Linear(Tensor x, Tensor theta) => x.Linear(theta.reshape(3, 2), null);
    }

    // ℓ = softplus(θx) − y θx: g = (σ(0) − 0.9) · 2 = −0.8, θ₁ = 0.4, L = softplus(−0.4)
    [Theory, MemberData(nameof(Ways))]
    public void One_output_of_two_classes(bool unrolled)
    {
        using var scope = NewDisposeScope();
        var inner = new InnerLoss((x, y, theta, _) => Binary(x.Times(theta), y));
        var found = Of(unrolled, inner, new(Of(2), Of(0.9), Of(0.5)), Of(0), theta => Binary(theta, Of(1)));
        Near([0.5130152524, -0.0802624680, -0.4013123399, -0.3210498719],
            [found.Loss, .. Values(found.Of.Inputs, found.Of.Labels, found.Of.Rates)]);

        static Tensor Binary(Tensor z, Tensor y) => z.Softplus().Subtract(y.Times(z)).sum();
    }

    [Theory]
    [InlineData(0.02, -3.9020063388)]
    [InlineData(0.01, -4.6001660193)]
    [InlineData(0.001, -6.9072552373)]
    [InlineData(1.5, 1.2475175411)]
    public void A_step_size_is_the_softplus_of_what_is_learned(double eta, double rho)
    {
        Assert.Equal(rho, Rho(eta), 1e-9);
        Assert.Equal(eta, Math.Log(1 + Math.Exp(Rho(eta))), 1e-9);
        Assert.Equal(1 - Math.Exp(-eta), 1 / (1 + Math.Exp(-Rho(eta))), 1e-9);                  // dη/dρ
    }

    [Fact]
    public void Networks_have_the_papers_numbers_of_parameters()
    {
        var images = new DatasetInfo
        {
            Classes = [.. Enumerable.Range(0, 10).Select(i => $"{i}")], Inputs = [TensorSpec.PixelValues(1, 28, 28)],
        };
        Assert.Equal(61_706, Count(new LeNetOptions(), images));
        var colors = images with { Inputs = [TensorSpec.PixelValues(3, 32, 32)] };
        Assert.Equal(1_756_426, Count(new AlexCifarNetOptions(), colors));
        var text = new DatasetInfo { Classes = ["yes"], Inputs = [TensorSpec.InputsEmbeds(20, 100)] };
        Assert.Equal(120_601, Count(new TextConvNetOptions(), text));

        static long Count(ModelOptions model, DatasetInfo info)
        {
            using var network = ModuleFactory.Create(() => model.Build(info));
            return new NetworkFunction(network, info.Inputs[0]).Count;
        }
    }

    public static TheoryData<string> Networks => ["lenet", "alex-cifar"];

    // S = 4, E = 2; five entries of each tensor
    [Theory, MemberData(nameof(Networks))]
    public void Both_ways_agree_with_each_other_and_with_central_differences(string name)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var isAlex = name == "alex-cifar";
        var info = new DatasetInfo
        {
            Classes = ["a", "b", "c"],
            Inputs = [isAlex ? TensorSpec.PixelValues(3, 8, 8) : TensorSpec.PixelValues(1, 12, 12)],
        };
        ModelOptions model = isAlex ? new AlexCifarNetOptions() : new LeNetOptions();
        using var network = ModuleFactory.Create(() => model.Build(info));
        network.to(ScalarType.Float64);
        var function = new NetworkFunction(network, info.Inputs[0]);
        var theta = function.CopyParameters();
        var before = theta.clone();
        var (real, labels) = (Random(4, info), new long[] { 0, 1, 2, 1 }.AsSpan().ToTensor(4));
        var inner = new InnerLoss((x, y, weights, _) => DistilledSamples.Loss(function.Logits(x, weights), y));
        var at = new Variables(
            Random(8, info).reshape([4, 2, .. info.Inputs[0].Shape]), randn([4, 2, 3], dtype: ScalarType.Float64),
            rand([8], dtype: ScalarType.Float64).Times(0.005).Add(0.001));
        var reverse = Reverse(inner, at, theta, Outer, wantsStart: true);
        var unrolled = Unrolled(inner, at, theta, Outer, wantsStart: true);
        foreach (var (one, other) in Tensors(reverse).Zip(Tensors(unrolled)))
            Assert.InRange(one.Subtract(other).abs().max().ToDouble(), 0, 1e-10);
        Assert.True(theta.equal(before).all().ToBoolean());

        var points = (Tensor[])[at.Inputs, at.Labels, at.Rates];
        foreach (var (point, gradient) in points.Zip(Tensors(reverse)))
            for (var i = 0; i < 5; i++)
            {
                var index = (int)((i * 7919L + 13) % point.NumberOfElements);
                var numeric = (LossAt(point, index, 1e-5) - LossAt(point, index, -1e-5)) / 2e-5;
                var error = Math.Abs(gradient.reshape(-1)[index].ToDouble() - numeric);
                Assert.InRange(error, 0, 1e-5 + 1e-3 * Math.Abs(numeric));
            }

        Tensor Outer(Tensor weights) => Functional.CrossEntropy(function.Logits(real, weights), labels, 4);

        double LossAt(Tensor point, int index, double change)
        {
            using var one = NewDisposeScope();
            var element = point.view(-1)[index];
            element.AddInPlace(tensor(change, dtype: ScalarType.Float64));
            var loss = Reverse(inner, at, theta, Outer).Loss;
            element.AddInPlace(tensor(-change, dtype: ScalarType.Float64));
            return loss;
        }
    }

    static InnerLoss Squares { get; } = new((x, y, theta, _) => Square(theta, x, y));

    static Tensor Square(Tensor theta, Tensor x, Tensor y) => theta.Times(x).Subtract(y).Squared().Times(0.5).sum();

    static MetaGradient Of(
        bool unrolled, InnerLoss inner, Variables at, Tensor theta0, Func<Tensor, Tensor> outer) => unrolled
        ? Unrolled(inner, at, theta0, outer, wantsStart: true)
        : Reverse(inner, at, theta0, outer, wantsStart: true);

    static Tensor Of(double value) => Row(value);

    static Tensor Row(params double[] values) => values.AsSpan().ToTensor(values.Length);

    static Tensor Random(int count, DatasetInfo info) =>
        randn([count, .. info.Inputs[0].Shape], dtype: ScalarType.Float64);

    static IEnumerable<Tensor> Tensors(MetaGradient found) =>
        [found.Of.Inputs, found.Of.Labels, found.Of.Rates, found.Start ?? zeros(1)];

    static IEnumerable<double> Values(params Tensor[] tensors) => tensors.SelectMany(one => one.ToDoubleArray());

    static void Near(double[] expected, double[] values)
    {
        Assert.Equal(expected.Length, values.Length);
        foreach (var (one, other) in expected.Zip(values)) Assert.Equal(one, other, 1e-9);
    }
}
