using Retort.Methods;

namespace Retort.Tests.Methods;

/// <summary>Three examples of four classes, P = [[.6 .2 .1 .1] [.1 .3 .5 .1] [¼ ¼ ¼ ¼]], y = [0 1 3].</summary>
static class Smoothing
{
    public static Tensor Three =>
        torch.tensor(new float[,] { { .6f, .2f, .1f, .1f }, { .1f, .3f, .5f, .1f }, { .25f, .25f, .25f, .25f } }).log();

    public static Batch Batch(params long[] labels) => Batch(torch.tensor(labels), new(1, StreamKey.Method));

    public static Batch Batch(Tensor labels, RandomStream chance) => new()
    {
        Inputs = new(),
        Labels = labels,
        Labelled = labels.ToLongArray().Count(label => label >= 0),
        Ids = [.. Enumerable.Range(0, (int)labels.shape[0])],
        Random = chance,
    };
}

public sealed class SmoothingTests
{
    static Tensor Targets(Tensor labels, Tensor b) => labels.OneHot(4).Times(b.unsqueeze(1))
        .Add(labels.OneHot(4).neg().Add(1).Times(b.unsqueeze(1).neg().Add(1)).Times(1 / 3.0));

    [Fact] // ε = .3 of y = 1: [.1 .7 .1 .1]; b = 1 is the label alone, b = ¼ says nothing
    public void A_target_gives_the_rest_to_the_others_in_equal_parts()
    {
        using var scope = torch.NewDisposeScope();
        var z = torch.randn(1, 4);
        var y = torch.tensor([1L]);
        var logP = z.LogSoftmax();
        Assert.Equal(
            SoftCrossEntropy(torch.tensor(new float[,] { { .1f, .7f, .1f, .1f } }), logP).ToSingle(),
            SmoothedCrossEntropy(z, y, torch.tensor([.7f]), 1).ToSingle(),
            tolerance: 1e-6);
        Assert.Equal(
            CrossEntropy(z, y, 1).ToSingle(),
            SmoothedCrossEntropy(z, y, torch.tensor([1f]), 1).ToSingle(),
            tolerance: 1e-6);
        Assert.Equal(
            SoftCrossEntropy(torch.full(1, 4, .25f), logP).ToSingle(),
            SmoothedCrossEntropy(z, y, torch.tensor([.25f]), 1).ToSingle(),
            tolerance: 1e-6);
    }

    // rows by hand, −Σ t ln p: with b = .95 of p = [.6 .2 .1 .1]: .95 · .510826 + .05/3 · (1.609438 + 2 · 2.302585)
    [Theory]
    [InlineData(0, 0.95, 0.588861)]
    [InlineData(1, 0.6, 1.428826)]
    [InlineData(2, 0.8, 1.386294)]
    [InlineData(0, 0.85, 0.744932)]
    [InlineData(1, 0.85, 1.288293)]
    [InlineData(0, 1, 0.510826)]
    [InlineData(1, 1, 1.203973)]
    public void Rows_by_hand(int row, double b, double expected)
    {
        using var scope = torch.NewDisposeScope();
        var label = new long[] { 0, 1, 3 }[row];
        Assert.Equal(
            expected,
            SmoothedCrossEntropy(Smoothing.Three[row..(row + 1)], torch.tensor([label]), torch.tensor([(float)b]), 1)
                .ToSingle(),
            tolerance: 1e-6);
    }

    [Fact] // with the ε / K convention it would be 1.113304
    public void Label_smoothing_of_three_examples()
    {
        using var scope = torch.NewDisposeScope();
        using var method = new LabelSmoothing(new() { Smoothing = 0.15 });
        Assert.Equal(
            1.139840,
            method.Compute(Smoothing.Batch(0, 1, 3), new(), new() { Logits = Smoothing.Three }).Total.ToSingle(),
            tolerance: 1e-6);
    }

    [Fact] // 1.033698 − .1 · (1.088900 + 1.168282 + 1.386294) / 3
    public void Confidence_penalty_of_three_examples()
    {
        using var scope = torch.NewDisposeScope();
        using var method = new ConfidencePenalty(new() { Weight = 0.1 });
        Assert.Equal(
            0.912248,
            method.Compute(Smoothing.Batch(0, 1, 3), new(), new() { Logits = Smoothing.Three }).Total.ToSingle(),
            tolerance: 1e-6);
    }

    [Fact] // p of a class that is all but ruled out is 0 in float32, and its entropy must have a slope
    public void Confidence_penalty_of_a_certain_answer_has_a_finite_gradient()
    {
        using var scope = torch.NewDisposeScope();
        using var method = new ConfidencePenalty(new());
        var z = torch.tensor(new float[,] { { 300, 0, 0, -300 } }, requires_grad: true);
        method.Compute(Smoothing.Batch(0L), new(), new() { Logits = z }).Total.backward();
        Assert.True(z.grad!.isfinite().all().ToBoolean());
    }

    [Fact]
    public void Smoothing_is_beta_smoothing_with_one_weight_and_its_gradient_is_p_less_the_target()
    {
        using var scope = torch.NewDisposeScope();
        var (z, y, b) = (torch.randn(6, 4, requires_grad: true), torch.tensor([0L, 1, 2, 3, 1, 0]), torch.rand(6));
        using var method = new LabelSmoothing(new() { Smoothing = 0.3 });
        Assert.Equal(SmoothedCrossEntropy(z, y, torch.full(6, .7f), 6).ToSingle(),
            method.Compute(Smoothing.Batch(y, default), new(), new() { Logits = z }).Total.ToSingle(), tolerance: 1e-6);
        SmoothedCrossEntropy(z, y, b, 6).backward();
        var expected = z.detach().Softmax().Subtract(Targets(y, b)).Times(1 / 6.0);
        Assert.True(z.grad!.Subtract(expected).abs().max().ToSingle() < 1e-6);
    }

    [Fact] // the loss of a mixed example is that of the mixed target
    public void Mixed_examples_mix_their_targets()
    {
        using var scope = torch.NewDisposeScope();
        var z = torch.randn(6, 4);
        var y = torch.tensor([0L, 1, 2, 3, 1, 0]);
        var other = torch.tensor([3L, 1, 0, 2, 2, 1]);
        var b = torch.rand(6);
        var batch = new Batch
        {
            Inputs = new(), Labels = y, Labelled = 6, OtherLabels = other, OtherLabelled = 6, LabelShare = 0.7,
            Ids = [0, 1, 2, 3, 4, 5],
        };
        var target = Targets(y, b).Times(0.7).Add(Targets(other, b).Times(0.3));
        Assert.Equal(
            SoftCrossEntropy(target, z.LogSoftmax()).ToSingle(),
            batch.SmoothedCrossEntropy(z, b).ToSingle(),
            tolerance: 1e-6);
    }
}
