using Retort.Models;
using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

/// <summary>Costs counted on a recorded forward pass, compared with counts by hand.</summary>
public sealed class CostTests
{
    // LeNet-5 on 1×28×28, ten classes.
    //   parameters: 1·25·6+6 = 156, 6·25·16+16 = 2,416, 400·120+120 = 48,120, 120·84+84 = 10,164, 84·10+10 = 850:
    //   61,706
    //   multiply-adds: 6·28·28·25 = 117,600, 16·10·10·150 = 240,000, 48,000, 10,080, 840: 416,520
    //   live elements: conv1 784 + 4,704, relu 4,704 + 4,704 = 9,408 (the peak: the input is no longer needed),
    //   pool 4,704 + 1,176, …
    [Fact]
    public void LeNet_as_counted_by_hand()
    {
        using var network = ModuleFactory.Create(() => new LeNet5());
        using var scope = NewDisposeScope();
        var x = rand(1, 1, 28, 28);
        var cost = Cost.Of(network, [x], () => [network.call(x)]);
        Assert.Equal(61_706, cost.Parameters);
        Assert.Equal(4 * 61_706, cost.Bytes);
        Assert.Equal(416_520, cost.MultiplyAdds);
        Assert.Equal(4 * 9_408, cost.ActivationBytes);
        Assert.True(network.training);
    }

    // resnet20 on 3×32×32, ten classes, with 1×1 convolutions on its two shortcuts that change size.
    //   stem 16·1,024·27 = 442,368; stage 1: 6 · 16·1,024·144 = 14,155,776; stages 2 and 3 each: half as much once
    //   (1,179,648), 5 · 2,359,296, and a shortcut of 131,072; the classifier 640: 40,813,184
    //   peak: in stage 1 the block's input lives beside an operator's operand and result, 3 · 16·1,024 = 49,152
    [Fact]
    public void Resnet20_as_counted_by_hand()
    {
        using var network = ModuleFactory.Create(() => new ResNetOptions().Build(new()
        {
            Inputs = [TensorSpec.Float32("pixel_values", 3, 32, 32)],
            Classes = [.. Enumerable.Range(0, 10).Select(i => $"{i}")],
        }));
        using var scope = NewDisposeScope();
        var x = rand(1, 3, 32, 32);
        var cost = Cost.Of(network, [x], () => [network.Forward(new(("pixel_values", x)), Output.Logits).Logits]);
        Assert.Equal(40_813_184, cost.MultiplyAdds);
        Assert.Equal(4 * 49_152, cost.ActivationBytes);
    }

    // x [1, 4] → a = fc x [1, 4] → b = relu a → y = b + a. At the sum a, b and y live: 12 elements; x ended with fc.
    [Fact]
    public void A_shortcut_keeps_its_input_alive()
    {
        using var layer = ModuleFactory.Create(() => new Linear(4, 4));
        using var scope = NewDisposeScope();
        var x = rand(1, 4);
        Assert.Equal(4 * 12, Cost.Of(layer, [x], () => [Forward()]).ActivationBytes);

        Tensor Forward()
        {
            var a = layer.call(x);
            return a.Relu().Add(a);
        }
    }

    // x [1, 64] → fc [1, 64]; its views cost nothing, so the sum of x (alive to the end), fc and tanh is the peak: 192
    [Fact]
    public void Views_cost_nothing_and_keep_their_operand_alive()
    {
        using var layer = ModuleFactory.Create(() => new Linear(64, 64));
        using var scope = NewDisposeScope();
        var x = rand(1, 64);
        var cost = Cost.Of(
            layer, [x], () => [layer.call(x).Reshape(1, 8, 8).Transpose().Flatten().Tanh().Add(x)]);
        Assert.Equal(4 * 192, cost.ActivationBytes);
    }

    // depthwise: 8 · 6 · 6 results of 9 products; batched: [1, 2, 3, 4] · [1, 2, 4, 3] = 18 results of 4 products
    [Fact]
    public void Groups_and_batched_products_are_counted_once()
    {
        using var layer = ModuleFactory.Create(() => new Conv2d(8, 8, 3, padding: 1, groups: 8, biased: false));
        using var scope = NewDisposeScope();
        var (x, q) = (rand(1, 8, 6, 6), rand(1, 2, 3, 4));
        Assert.Equal(8 * 36 * 9, Cost.Of(layer, [x], () => [layer.call(x)]).MultiplyAdds);
        Assert.Equal(18 * 4, Cost.Of(layer, [q], () => [q.MatMul(q.Transpose())]).MultiplyAdds);
    }

    // weights and buffers: 4 · (2 + 2 + 2 + 2) bytes and one int64
    [Fact]
    public void Bytes_count_buffers_too()
    {
        using var norm = ModuleFactory.Create(() => new BatchNorm2d(2));
        using var scope = NewDisposeScope();
        var x = rand(1, 2, 3, 3);
        var cost = Cost.Of(norm, [x], () => [norm.call(x)]);
        Assert.Equal(4, cost.Parameters);
        Assert.Equal(4 * 8 + 8, cost.Bytes);
    }

    [Fact]
    public void Results_of_unrecorded_operators_are_refused()
    {
        using var layer = ModuleFactory.Create(() => new Linear(4, 4));
        using var scope = NewDisposeScope();
        var x = rand(1, 4);
        var error = Assert.Throws<InvalidOperationException>(
            () => Cost.Of(layer, [x], () => [(layer.call(x) + x).Relu()]));
        Assert.Equal(
            "Relu got [1, 4] that no recorded operator made: networks must use the methods of Operators only "
            + "(Add and Times, not + and *).", error.Message);
        Assert.Throws<InvalidOperationException>(() => Cost.Of(layer, [x], () => [layer.call(x) + x]));
        Assert.Equal(
            "A cost is counted for one example; the first axis of [2, 4] must be 1. (Parameter 'inputs')",
            Assert.Throws<ArgumentException>(() => Cost.Of(layer, [rand(2, 4)], () => [])).Message);
    }

    sealed class LeNet5 : nn.Module<Tensor, Tensor>
    {
        readonly Conv2d conv1 = new(1, 6, 5, padding: 2);
        readonly Conv2d conv2 = new(6, 16, 5);
        readonly Linear fc1 = new(400, 120);
        readonly Linear fc2 = new(120, 84);
        readonly Linear fc3 = new(84, 10);

        public LeNet5() : base(nameof(LeNet5)) => RegisterComponents();

        public override Tensor forward(Tensor x)
        {
            var low = conv1.call(x).Relu().MaxPool2d(2);
            var high = conv2.call(low).Relu().MaxPool2d(2);
            return fc3.call(fc2.call(fc1.call(high.Flatten()).Relu()).Relu());
        }
    }
}
