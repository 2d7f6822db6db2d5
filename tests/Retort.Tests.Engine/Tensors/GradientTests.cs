using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

/// <summary>Wrong use of libtorch's own <c>autograd.grad</c> ends the process; ours says what is wrong.</summary>
public sealed class GradientTests
{
    [Fact] // d(x² y)/dx = 2xy, d/dy = x² at x = 3, y = 2
    public void Of_a_product_and_what_was_in_grad_stays()
    {
        using var scope = NewDisposeScope();
        var (x, y) = (tensor(3.0).requires_grad_(true), tensor(2.0).requires_grad_(true));
        (5 * x).backward();
        var found = Autograd.Grad(x * x * y, [x, y]);
        Assert.Equal([12.0, 9.0], found.Select(one => one.item<double>()));
        Assert.Equal(5, x.grad!.item<double>());
        Assert.Null(y.grad);
    }

    [Fact] // x⁴ at 2: 4x³ = 32, 12x² = 48, 24x = 48
    public void Of_a_gradient_of_a_gradient()
    {
        using var scope = NewDisposeScope();
        var x = tensor(2.0).requires_grad_(true);
        var first = Autograd.Grad(x.pow(4), [x], differentiable: true)[0];
        var second = Autograd.Grad(first, [x], differentiable: true)[0];
        var third = Autograd.Grad(second, [x])[0];
        Assert.Equal([32.0, 48.0, 48.0], new[] { first, second, third }.Select(one => one.item<double>()));
    }

    [Fact] // d(m²)/dm = 2m at m = 2x = 6
    public void Of_something_in_the_middle()
    {
        using var scope = NewDisposeScope();
        var x = tensor(3.0).requires_grad_(true);
        var middle = 2 * x;
        Assert.Equal(12, Autograd.Grad(middle * middle, [middle])[0].item<double>());
        Assert.Null(x.grad);
    }

    [Fact]
    public void Wrong_use_is_a_sentence_and_not_the_end_of_the_process()
    {
        using var scope = NewDisposeScope();
        var (x, other) = (ones(3).requires_grad_(true), ones(2).requires_grad_(true));
        string Sentence(Func<object> use) => Assert.Throws<InvalidOperationException>(() => { use(); }).Message;

        Assert.Equal("Gradient: of a single number only; [3] came.", Sentence(() => Autograd.Grad(x * x, [x])));
        Assert.Equal("Gradient: the number depends on nothing that needs a gradient.", Sentence(() => Autograd.Grad(ones(3).sum(), [x])));
        Assert.Equal("Gradient: tensor 2 of 2, [4], does not need a gradient.", Sentence(() => Autograd.Grad(x.sum(), [x, ones(4)])));
        Assert.Equal("Gradient: tensor 1 of 1, [2], takes no part in the number.", Sentence(() => Autograd.Grad(x.sum(), [other])));
        var freed = (x * x).sum();
        freed.backward();
        Assert.StartsWith("Gradient: Trying to backward through the graph a second time", Sentence(() => Autograd.Grad(freed, [x])), StringComparison.Ordinal);
        Assert.Equal([2f, 2, 2], x.grad!.data<float>().ToArray());                // what backward left is still there
    }

    [Fact]
    public void No_native_tensor_is_left_behind()
    {
        var x = ones(3).requires_grad_(true);
        long Live()
        {
            using (NewDisposeScope())
            {
                var first = Autograd.Grad(x.pow(3).sum(), [x], differentiable: true)[0];
                Autograd.Grad(first.sum(), [x]);
            }
            return DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }
        var before = Live();
        for (var i = 0; i < 20; i++) Live();
        Assert.Equal(before, Live());
        x.Dispose();
    }
}
