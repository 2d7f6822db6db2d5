using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

public sealed class FunctionalCallTests
{
    [Fact] // f(w) = Σ pool(w ∗ x)², so that the Hessian along v is ∇ of ⟨∇f, v⟩ and of (∇f(w + hv) − ∇f(w − hv)) / 2h
    public void A_gradient_through_convolution_and_pooling_is_differentiable_again()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var (x, w, v) = (Random(2, 1, 8, 8), Random(3, 1, 3, 3), Random(3, 1, 3, 3));
        var leaf = w.clone().requires_grad_(true);
        var first = Autograd.Grad(F(leaf), [leaf], createGraph: true)[0];
        var along = Autograd.Grad(first.Times(v).sum(), [leaf])[0];
        var numeric = Gradient(w.Add(v.Times(1e-6))).Subtract(Gradient(w.Subtract(v.Times(1e-6)))).Times(0.5e6);
        Assert.True(along.allclose(numeric, 1e-5, 1e-6));
        Assert.True(along.abs().sum().ToDouble() > 1);

        Tensor F(Tensor kernel) => x.Conv2d(kernel, null).MaxPool2d(2).Squared().sum();

        Tensor Gradient(Tensor at)
        {
            var point = at.detach().requires_grad_(true);
            return Autograd.Grad(F(point), [point])[0];
        }
    }

    [Fact]
    public void A_network_computes_with_the_given_tensors_and_keeps_its_parameters()
    {
        using var scope = NewDisposeScope();
        using var layer = ModuleFactory.Create(() => new Retort.Tensors.Linear(2, 1));
        var parameters = layer.parameters().ToList();
        var before = parameters[0].clone();
        var call = new FunctionalCall(parameters);
        Assert.Equal(2, call.Unread.Count);
        var y = call.Run([Values(2, 3).reshape(1, 2), Values(1)], () => layer.call(Values(10, 100).reshape(1, 2)));
        Assert.Equal(321, y.ToSingle());                                    // 2 · 10 + 3 · 100 + 1
        Assert.Empty(call.Unread);
        Assert.True(before.equal(parameters[0]).all().ToBoolean());
        Assert.NotEqual(321, layer.call(ones(1, 2)).ToSingle());
    }

    [Fact]
    public void A_wrong_number_of_tensors_is_refused()
    {
        using var layer = ModuleFactory.Create(() => new Retort.Tensors.Linear(2, 1));
        var call = new FunctionalCall([.. layer.parameters()]);
        Assert.StartsWith("FunctionalCall: 2 tensors were expected, one for each parameter; 0 came.",
            Assert.Throws<ArgumentException>(() => call.Run([], () => 0)).Message, StringComparison.Ordinal);
    }

    static Tensor Values(params ReadOnlySpan<float> values) => values.ToTensor(values.Length);

    static Tensor Random(params long[] shape) => randn(shape, dtype: ScalarType.Float64);
}
