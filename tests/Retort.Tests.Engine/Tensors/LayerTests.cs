using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

/// <summary>Every layer compared with PyTorch: values, gradients, running statistics and initial weights.</summary>
public sealed class LayerTests
{
    static readonly Dictionary<string, Func<nn.Module<Tensor, Tensor>>> s_layers = new()
    {
        ["layer Linear"] = () => new Linear(4, 2),
        ["layer Linear/unbiased"] = () => new Linear(4, 2, biased: false),
        ["layer Conv2d"] = () => new Conv2d(3, 4, 3, stride: 2, padding: 1),
        ["layer Conv2d/depthwise"] = () => new Conv2d(4, 4, 3, padding: 1, groups: 4, biased: false),
        ["layer BatchNorm1d/train"] = () => new BatchNorm1d(3),
        ["layer BatchNorm1d/eval"] = () => new BatchNorm1d(3),
        ["layer BatchNorm1d/sequence"] = () => new BatchNorm1d(3),
        ["layer BatchNorm2d/train"] = () => new BatchNorm2d(3),
        ["layer BatchNorm2d/eval"] = () => new BatchNorm2d(3),
        ["layer LayerNorm"] = () => new LayerNorm(4),
        ["layer GroupNorm"] = () => new GroupNorm(2, 4),
        ["layer Embedding"] = () => new Embedding(5, 3),
        ["layer Embedding/padding"] = () => new Embedding(5, 3, padding: 3),
    };

    public static TheoryData<string> Names => [.. s_layers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Values_and_gradients_are_those_of_PyTorch(string name)
    {
        using var scope = NewDisposeScope();
        var golden = Assert.Single(TensorGolden.Cases, one => one.Name == name);
        using var layer = ModuleFactory.Create(s_layers[name]);
        var state = layer.state_dict();
        Assert.Equal(
            golden.Inputs.Keys.Where(key => key != "x").Order(),
            state.Keys.Where(key => key != "num_batches_tracked").Order());
        using (no_grad())
            foreach (var (key, values) in golden.Inputs)
                if (key != "x") state[key].copy_(values.ToTensor());
        var x = golden.Inputs["x"].ToTensor();
        if (golden.Gradients.ContainsKey("x")) x.requires_grad_(true);
        layer.train(!name.EndsWith("/eval", StringComparison.Ordinal));

        var y = layer.call(x);
        TensorGolden.AssertEqual("y", golden.Outputs["y"], y);
        foreach (var (key, expected) in golden.Outputs)
            if (key != "y") TensorGolden.AssertEqual(key, expected, state[key]);
        if (state.TryGetValue("num_batches_tracked", out var tracked))
            Assert.Equal(layer.training ? 1 : 0, tracked.item<long>());

        (y * TensorGolden.Probe(y)).sum().backward();
        foreach (var (key, expected) in golden.Gradients)
        {
            var gradient = key == "x" ? x.grad! : layer.get_parameter(key)!.grad!;
            TensorGolden.AssertEqual("gradient of " + key, expected, gradient);
        }
    }

    [Theory]
    [InlineData("Linear")]
    [InlineData("Conv2d")]
    [InlineData("Embedding")]
    public void Initial_weights_are_those_of_PyTorch_from_the_same_seed(string name)
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        using var layer = ModuleFactory.Create<nn.Module<Tensor, Tensor>>(name switch
        {
            "Linear" => () => new Linear(20, 6),
            "Conv2d" => () => new Conv2d(6, 4, 3, groups: 2),
            _ => () => new Embedding(6, 8, padding: 1),
        });
        var state = layer.state_dict();
        var golden = TensorGolden.InitialWeights[name];
        Assert.Equal(golden.Keys.Order(), state.Keys.Order());
        foreach (var (key, values) in golden)
            TensorGolden.AssertEqual(key, values, state[key].flatten().slice(0, 0, values.Shape[0], 1));
    }

    [Fact] // the running statistics stay as they were
    public void Batch_norm_refuses_to_train_on_one_value_per_channel()
    {
        using var scope = NewDisposeScope();
        using var norm = ModuleFactory.Create(() => new BatchNorm1d(3));
        var error = Assert.Throws<InvalidOperationException>(() => norm.call(ones(1, 3)));
        Assert.Equal(
            "BatchNorm: in training every channel needs more than one value, and [1, 3] has one; "
            + "take a larger batch, drop the last partial one, or call eval().", error.Message);
        Assert.Equal(0, norm.state_dict()["num_batches_tracked"].item<long>());
        norm.eval();
        Assert.Equal([1L, 3], norm.call(ones(1, 3)).shape);
        norm.train();
        using var ofImages = ModuleFactory.Create(() => new BatchNorm2d(3));
        Assert.Equal([1L, 3, 2, 2], ofImages.call(rand(1, 3, 2, 2)).shape); // four values per channel are enough
    }

    [Fact]
    public void Batch_norm_of_images_refuses_vectors()
    {
        using var scope = NewDisposeScope();
        using var norm = ModuleFactory.Create(() => new BatchNorm2d(3));
        var error = Assert.Throws<ArgumentException>(() => norm.call(ones(4, 3)));
        Assert.Contains("[4, 3] came", error.Message, StringComparison.Ordinal);
    }

    [Fact] // 100,000 ones at p = ¼: the kept ones become 4/3; their share is ¾ ± 6 √(¼ ¾ / 100,000) = ¾ ± .0083
    public void Dropout_drops_its_share_and_scales_the_rest_up()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var layer = new Dropout(0.25);
        var y = layer.call(ones(100_000));
        Assert.InRange(y.count_nonzero().item<long>() / 100_000.0, 0.75 - 0.0083, 0.75 + 0.0083);
        Assert.Equal(4 / 3.0, y.max().item<float>(), 1e-6);

        layer.eval();
        var x = ones(3);
        var unchanged = layer.call(x);
        Assert.NotSame(x, unchanged);                                       // or a scope would free it twice
        Assert.True(unchanged.equal(x).all().item<bool>());
    }

    [Fact]
    public void Groups_that_do_not_divide_the_channels_are_refused()
    {
        Assert.Equal(
            "Conv2d: 6 and 4 channels cannot be cut into 4 equal groups. (Parameter 'groups')",
            Assert.Throws<ArgumentException>(() => new Conv2d(6, 4, 3, groups: 4)).Message);
        Assert.Throws<ArgumentException>(() => new GroupNorm(4, 6));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Dropout(1));
    }
}
