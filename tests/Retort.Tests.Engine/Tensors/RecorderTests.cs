using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

public sealed class RecorderTests
{
    [Fact]
    public void A_forward_is_written_down_word_by_word()
    {
        using var scope = NewDisposeScope();
        using var layer = ModuleFactory.Create(() => new Linear(3, 2));
        var x = rand(1, 3);
        var (recorder, y) = Recorder.Record(() => layer.call(x).Relu6());
        Assert.Equal(["Gemm", "Clip"], recorder.Operations.Select(word => word.Name));
        var (product, clip) = (recorder.Operations[0], recorder.Operations[1]);
        Assert.Same(x, product.Inputs[0].Tensor);
        Assert.Same(layer.get_parameter("weight"), product.Inputs[1].Tensor);
        Assert.Same(product.Output.Tensor, clip.Inputs[0].Tensor);
        Assert.Same(y, clip.Output.Tensor);
        Assert.Equal([("min", 0.0), ("max", (object)6.0)], clip.Attributes);
    }

    [Fact]
    public void A_record_outlives_what_it_saw()
    {
        Recorder recorder;
        using (NewDisposeScope()) recorder = Recorder.Record(() => zeros(2, 3).Relu().Times(2)).Recorder;
        Assert.Equal([2L, 3], recorder.Operations[1].Output.Shape);
        Assert.Equal(24, recorder.Operations[1].Inputs[0].Bytes);
    }

    [Fact] // each in-place word overwrites, with the values and the gradient of the word it stands for; a recorder hears the latter
    public void In_place_words_are_their_words()
    {
        using var scope = NewDisposeScope();
        var (x, y) = (randn(3, 4, requires_grad: true), randn(3, 4, requires_grad: true));
        Tensor Made(bool inPlace)
        {
            var product = x.Times(y);
            return inPlace ? product.AddInPlace(y).ReluInPlace() : product.Add(y).Relu();
        }

        Tensor[] Gradients(bool inPlace)
        {
            var result = Made(inPlace);
            (x.grad, y.grad) = (null, null);
            result.sum().backward();
            return [result, x.grad!.clone(), y.grad!.clone()];
        }

        Assert.All(Gradients(false).Zip(Gradients(true)), pair => Assert.True(pair.First.equal(pair.Second).all().ToBoolean()));
        var (sum, zeroed) = (zeros(2).Times(1), full(2, -1));
        Assert.Same(sum, sum.AddInPlace(ones(2)));
        Assert.Same(zeroed, zeroed.ReluInPlace());
        Assert.Equal(["Mul", "Add", "Relu"], Recorder.Record(() => Made(true)).Recorder.Operations.Select(word => word.Name));
        Assert.Equal((1, 0), (sum[0].ToSingle(), zeroed[0].ToSingle()));
    }

    [Fact]
    public void A_recorder_hears_its_own_thread_only_and_ends_with_its_forward()
    {
        using var scope = NewDisposeScope();
        var (recorder, _) = Recorder.Record(() =>
        {
            var thread = new Thread(() => { using var inner = NewDisposeScope(); zeros(1).Relu(); });
            thread.Start();
            thread.Join();
            return zeros(1).Tanh();
        });
        zeros(1).Relu();
        Assert.Equal(["Tanh"], recorder.Operations.Select(word => word.Name));
        Assert.Null(Recorder.Current);
        Assert.Throws<InvalidOperationException>(() => Recorder.Record<int>(() => throw new InvalidOperationException("a forward that fails")));
        Assert.Null(Recorder.Current);
    }

    [Fact] // what the word allocates itself, over what TorchSharp's own call does: nothing, where nobody listens
    public void Unheard_words_allocate_nothing_of_their_own()
    {
        using var scope = NewDisposeScope();
        var x = rand(1, 1, 4, 4);
        long Allocated(Func<Tensor> call)
        {
            for (var i = 0; i < 50; i++) call().Dispose();
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++) call().Dispose();
            return (GC.GetAllocatedBytesForCurrentThread() - before) / 100;
        }
        Assert.Equal(Allocated(() => x.relu()), Allocated(() => x.Relu()));
        Assert.Equal(Allocated(() => x.mul(x)), Allocated(() => x.Times(x)));
        Assert.Equal(Allocated(() => x.flatten(1)), Allocated(() => x.Flatten()));
        Assert.Equal(Allocated(() => nn.functional.max_pool2d(x, 2L, 1, 0)), Allocated(() => x.MaxPool2d(2, 1)));
    }
}
