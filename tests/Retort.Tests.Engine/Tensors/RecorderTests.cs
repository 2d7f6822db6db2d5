using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

public sealed class RecorderTests
{
    [Fact]
    public void A_forward_pass_is_recorded_operator_by_operator()
    {
        using var scope = NewDisposeScope();
        using var layer = ModuleFactory.Create(() => new Linear(3, 2));
        var x = rand(1, 3);
        var (recorder, y) = Recorder.Record(() => layer.call(x).Relu6());
        Assert.Equal(["Gemm", "Clip"], recorder.Operations.Select(operation => operation.Name));
        var (product, clip) = (recorder.Operations[0], recorder.Operations[1]);
        Assert.Same(x, product.Inputs[0].Tensor);
        Assert.Same(layer.get_parameter("weight"), product.Inputs[1].Tensor);
        Assert.Same(product.Output.Tensor, clip.Inputs[0].Tensor);
        Assert.Same(y, clip.Output.Tensor);
        Assert.Equal([("min", 0.0), ("max", (object)6.0)], clip.Attributes);
    }

    [Fact]
    public void A_recording_outlives_its_tensors()
    {
        Recorder recorder;
        using (NewDisposeScope()) recorder = Recorder.Record(() => zeros(2, 3).Relu().Times(2)).Recorder;
        Assert.Equal([2L, 3], recorder.Operations[1].Output.Shape);
        Assert.Equal(24, recorder.Operations[1].Inputs[0].Bytes);
    }

    [Fact] // the same values and gradients as the operator out of place; that one is recorded
    public void In_place_operators_overwrite_their_operand()
    {
        using var scope = NewDisposeScope();
        var (x, y) = (randn(3, 4, requires_grad: true), randn(3, 4, requires_grad: true));
        var expected = ResultAndGradients(inPlace: false);
        var actual = ResultAndGradients(inPlace: true);
        Assert.All(expected.Zip(actual), pair => Assert.True(pair.First.equal(pair.Second).all().ToBoolean()));

        var (sum, negative) = (zeros(2).Times(1), full(2, -1));
        Assert.Same(sum, sum.AddInPlace(ones(2)));
        Assert.Same(negative, negative.ReluInPlace());
        Assert.Equal((1, 0), (sum[0].ToSingle(), negative[0].ToSingle()));
        var operations = Recorder.Record(() => Forward(inPlace: true)).Recorder.Operations;
        Assert.Equal(["Mul", "Add", "Relu"], operations.Select(operation => operation.Name));

        Tensor Forward(bool inPlace)
        {
            var product = x.Times(y);
            return inPlace ? product.AddInPlace(y).ReluInPlace() : product.Add(y).Relu();
        }

        Tensor[] ResultAndGradients(bool inPlace)
        {
            var result = Forward(inPlace);
            (x.grad, y.grad) = (null, null);
            result.sum().backward();
            return [result, x.grad!.clone(), y.grad!.clone()];
        }
    }

    [Fact]
    public void A_recorder_sees_its_own_thread_only_and_ends_with_its_forward_pass()
    {
        using var scope = NewDisposeScope();
        var (recorder, _) = Recorder.Record(() =>
        {
            var thread = new Thread(() =>
            {
                using var inner = NewDisposeScope();
                zeros(1).Relu();
            });
            thread.Start();
            thread.Join();
            return zeros(1).Tanh();
        });
        zeros(1).Relu();
        Assert.Equal(["Tanh"], recorder.Operations.Select(operation => operation.Name));
        Assert.Null(Recorder.Current);
        Assert.Throws<InvalidOperationException>(
            () => Recorder.Record<int>(() => throw new InvalidOperationException("a forward pass that fails")));
        Assert.Null(Recorder.Current);
    }

    [Fact] // compared with TorchSharp's own call
    public void Without_a_recorder_an_operator_allocates_nothing_of_its_own()
    {
        using var scope = NewDisposeScope();
        var x = rand(1, 1, 4, 4);
        Assert.Equal(AllocatedBytes(() => x.relu()), AllocatedBytes(() => x.Relu()));
        Assert.Equal(AllocatedBytes(() => x.mul(x)), AllocatedBytes(() => x.Times(x)));
        Assert.Equal(AllocatedBytes(() => x.flatten(1)), AllocatedBytes(() => x.Flatten()));
        Assert.Equal(
            AllocatedBytes(() => nn.functional.max_pool2d(x, 2L, 1, 0)), AllocatedBytes(() => x.MaxPool2d(2, 1)));

        static long AllocatedBytes(Func<Tensor> call)
        {
            for (var i = 0; i < 50; i++) call().Dispose();
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++) call().Dispose();
            return (GC.GetAllocatedBytesForCurrentThread() - before) / 100;
        }
    }
}
