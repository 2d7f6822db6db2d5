using Retort.Contracts.Distilled;
using static Retort.Methods.SoftLabelDataset;
using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>
/// Four blobs on a circle and a linear classifier that begins at 0 and takes one step. A class without a sample of its
/// own gets the same logit as the others like it, so that two hard samples tell at most three classes apart; two
/// samples with learned labels tell all four.
/// </summary>
public sealed class FewerSamplesTests
{
    const int Classes = 4;
    const int Steps = 1500;

    [Theory]
    [InlineData(true, 4, 0.98, 1)]
    [InlineData(false, 3, 0.70, 0.76)]
    public void Two_samples_tell_four_classes_apart_by_learned_labels_alone(
        bool learnsLabels, int predicted, double least, double most)
    {
        using var scope = NewDisposeScope();
        var (x, c) = Blobs(seed: 1);
        var (testX, testC) = Blobs(seed: 2);
        var theta = Trained(x, c, learnsLabels);
        var predictions = Linear(testX, theta).argmax(1);
        Assert.Equal(predicted, predictions.ToLongArray().Distinct().Count());
        Assert.InRange(predictions.eq(testC).to(ScalarType.Float64).mean().ToDouble(), least, most);
    }

    static Tensor Trained(Tensor x, Tensor c, bool learnsLabels)
    {
        manual_seed(1);
        using var optimizers = NewDisposeScope();
        var inputs = new TorchSharp.Modules.Parameter(randn(1, 2, 2));
        var hot = eye(Classes).slice(0, 0, 2, 1).unsqueeze(0).clone();
        var labels = new TorchSharp.Modules.Parameter(hot, learnsLabels);
        var rates = new TorchSharp.Modules.Parameter(zeros(1).Add(Rho(0.5)));
        using var adam = new Adam(
            [("inputs", inputs), ("labels", labels), ("rates", rates)], new AdamParameters(Beta1: 0.5));
        var inner = new InnerLoss(
            (a, y, theta, _) => DistilledSamples.Loss(Linear(a, theta), y), LearnsLabels: learnsLabels);
        var zero = zeros(Classes * 3);
        for (var i = 0; i < Steps; i++)
        {
            using var step = NewDisposeScope();
            adam.ZeroGrad();
            var found = Reverse(inner, new(inputs.detach(), labels.detach(), rates.detach().Softplus()), zero,
                theta => Functional.CrossEntropy(Linear(x, theta), c, (int)c.size(0)));
            inputs.grad = found.Of.Inputs;
            if (learnsLabels) labels.grad = found.Of.Labels;
            rates.grad = found.Of.Rates.Times(rates.detach().Sigmoid());
            adam.Step(0.01);
        }
        var start = zero.requires_grad_(true);
        var last = DistilledSamples.Loss(Linear(inputs.detach()[0], start), labels.detach()[0]);
        return start.Subtract(Autograd.Grad(last, [start])[0].Times(rates.detach().Softplus())).detach()
            .MoveToOuterDisposeScope();
    }

    // W [4, 2] and b [4] in one vector
    static Tensor Linear(Tensor x, Tensor theta) =>
        x.Linear(theta.Slice(0, 0, 2 * Classes).Reshape(Classes, 2), theta.Slice(0, 2 * Classes, 3 * Classes));

    // centers at distance 3 and 0°, 90°, 180°, 270°; sd 0.6; 500 of each
    static (Tensor X, Tensor C) Blobs(int seed)
    {
        const int count = 2000;
        var random = new RandomStream(seed, StreamKey.Data);
        var (values, labels) = (new float[2 * count], new long[count]);
        for (var i = 0; i < count; i++)
        {
            labels[i] = i % Classes;
            var angle = labels[i] * Math.PI / 2;
            values[2 * i] = (float)(3 * Math.Cos(angle) + 0.6 * random.Normal());
            values[2 * i + 1] = (float)(3 * Math.Sin(angle) + 0.6 * random.Normal());
        }
        return (values.AsSpan().ToTensor(count, 2), labels.AsSpan().ToTensor(count));
    }
}
