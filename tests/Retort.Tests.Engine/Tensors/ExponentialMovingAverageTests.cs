using static TorchSharp.torch;
using BatchNorm2d = Retort.Tensors.BatchNorm2d;

namespace Retort.Tests.Tensors;

public sealed class ExponentialMovingAverageTests
{
    [Fact] // t 0: d 0, a copy; t 1: d ½, the mean of two; t 2: d min(⅔, .6)
    public void It_starts_as_a_plain_mean()
    {
        using var scope = NewDisposeScope();
        var (source, average) = (new BatchNorm2d(1), new BatchNorm2d(1));
        var ema = new ExponentialMovingAverage(source, average, decay: 0.6);
        var (from, to) = (source.get_parameter("weight")!, average.get_parameter("weight")!);
        Assert.Equal(2, UpdateWith(0, 2), 1e-6);
        Assert.Equal(3, UpdateWith(1, 4), 1e-6);
        Assert.Equal(0.6 * 3 + 0.4 * 8, UpdateWith(2, 8), 1e-6);
        Assert.False(to.requires_grad);

        double UpdateWith(long step, float weight)
        {
            using (no_grad())
            {
                from.fill_(weight);
                Buffer(source, "running_mean").fill_(weight);
                Buffer(source, "num_batches_tracked").fill_(step);
            }
            ema.Update(step);
            Assert.Equal(to.ToSingle(), Buffer(average, "running_mean").ToSingle());
            Assert.Equal(step, Buffer(average, "num_batches_tracked").ToInt64());
            return to.ToDouble();
        }

        static Tensor Buffer(Module module, string name) =>
            module.named_buffers().Single(pair => pair.name == name).buffer;
    }
}
