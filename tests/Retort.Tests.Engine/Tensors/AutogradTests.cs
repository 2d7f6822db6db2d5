using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

/// <summary>libtorch's own <c>autograd.grad</c> ends the process on wrong use; ours says what is wrong.</summary>
public sealed class AutogradTests
{
    [Fact] // d(x² y)/dx = 2xy, d/dy = x² at x = 3, y = 2
    public void The_gradient_of_a_product_leaves_grad_as_it_was()
    {
        using var scope = NewDisposeScope();
        var (x, y) = (tensor(3.0).requires_grad_(true), tensor(2.0).requires_grad_(true));
        (5 * x).backward();
        var gradients = Autograd.Grad(x * x * y, [x, y]);
        Assert.Equal([12.0, 9.0], gradients.Select(gradient => gradient.item<double>()));
        Assert.Equal(5, x.grad!.item<double>());
        Assert.Null(y.grad);
    }

    [Fact] // x⁴ at 2: 4x³ = 32, 12x² = 48, 24x = 48
    public void The_gradient_of_a_gradient()
    {
        using var scope = NewDisposeScope();
        var x = tensor(2.0).requires_grad_(true);
        var first = Autograd.Grad(x.pow(4), [x], createGraph: true)[0];
        var second = Autograd.Grad(first, [x], createGraph: true)[0];
        var third = Autograd.Grad(second, [x])[0];
        Assert.Equal([32.0, 48.0, 48.0], new[] { first, second, third }.Select(gradient => gradient.item<double>()));
    }

    [Fact] // d(m²)/dm = 2m at m = 2x = 6
    public void The_gradient_with_respect_to_an_intermediate_result()
    {
        using var scope = NewDisposeScope();
        var x = tensor(3.0).requires_grad_(true);
        var intermediate = 2 * x;
        Assert.Equal(12, Autograd.Grad(intermediate * intermediate, [intermediate])[0].item<double>());
        Assert.Null(x.grad);
    }

    [Fact]
    public void Wrong_use_is_a_sentence_and_not_the_end_of_the_process()
    {
        using var scope = NewDisposeScope();
        var (x, other) = (ones(3).requires_grad_(true), ones(2).requires_grad_(true));
        Assert.Equal("Grad: of a single number only; [3] came.", Refusal(x * x, x));
        Assert.Equal("Grad: the number depends on nothing that needs a gradient.", Refusal(ones(3).sum(), x));
        Assert.Equal("Grad: tensor 2 of 2, [4], does not need a gradient.", Refusal(x.sum(), x, ones(4)));
        Assert.Equal("Grad: tensor 1 of 1, [2], is not part of the number's graph.", Refusal(x.sum(), other));

        var freed = (x * x).sum();
        freed.backward();
        Assert.StartsWith(
            "Grad: Trying to backward through the graph a second time", Refusal(freed, x), StringComparison.Ordinal);
        Assert.Equal([2f, 2, 2], x.grad!.data<float>().ToArray());          // of the backward pass: unchanged

        static string Refusal(Tensor output, params Tensor[] inputs) =>
            Assert.Throws<InvalidOperationException>(() => { Autograd.Grad(output, inputs); }).Message;
    }

    [Fact]
    public void No_native_tensor_is_left_behind()
    {
        var x = ones(3).requires_grad_(true);
        var before = LiveTensors();
        for (var i = 0; i < 20; i++) LiveTensors();
        Assert.Equal(before, LiveTensors());
        x.Dispose();

        long LiveTensors()
        {
            using (NewDisposeScope())
            {
                var first = Autograd.Grad(x.pow(3).sum(), [x], createGraph: true)[0];
                Autograd.Grad(first.sum(), [x]);
            }
            return DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }
    }
}
