using Retort.Data;
using Retort.Data.Augmentation;
using Retort.Tests.Data;
using Retort.Training;

namespace Retort.Tests.Training;

public sealed class LoaderTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Its_batches_are_those_made_without_it(int threads)
    {
        var data = new IdxOptions
        {
            Path = DataFiles.Idx(),
            Augmentation = [new NoiseOptions(), new MixupOptions()],
        }.Open().Training;
        using var loader = new DataLoader(data, new(data.Count, 4, 7), seed: 7, fromStep: 5, steps: 205, threads);
        var (sampler, expected) = (new Sampler(data.Count, 4, 7), new HostBatch());
        for (var step = 5; step < 205; step++)
        {
            var (positions, pass) = sampler.At(step);
            data.Load(positions, new(7, pass), expected);
            var batch = loader.Next();
            Assert.Equal(expected.Ids.ToArray(), batch.Ids.ToArray());
            Assert.Equal(expected.LabelShare, batch.LabelShare);
            Assert.Equal(
                expected.Float32("pixel_values", [1, 2, 3]).ToArray(),
                batch.Float32("pixel_values", [1, 2, 3]).ToArray());
        }
        Assert.Throws<InvalidOperationException>(loader.Next);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_failure_is_reported_at_its_step(int threads)
    {
        using var loader = new DataLoader(new Faulty(after: 3), new(10, 1, 1), 1, 0, 100, threads);
        for (var step = 0; step < 3; step++) loader.Next();
        Assert.Equal("The fourth is bad.", Assert.Throws<InvalidDataException>(loader.Next).Message);
    }

    [Fact]
    public void Disposal_ends_its_threads_in_the_middle_of_the_work()
    {
        var data = new Faulty(after: int.MaxValue);
        var loader = new DataLoader(data, new(10, 1, 1), 1, 0, long.MaxValue / 2, threads: 2);
        loader.Next();
        loader.Dispose();
        var served = data.Served;
        Thread.Sleep(20);
        Assert.Equal(served, data.Served);
        Assert.Throws<ObjectDisposedException>(loader.Next);
    }

    [Fact] // 50 ms in each Prepare, and the step asks at once
    public void Waiting_is_counted()
    {
        using var loader = new DataLoader(
            new Faulty(after: int.MaxValue, TimeSpan.FromMilliseconds(50)), new(10, 1, 1), 1, 0, 3, threads: 1);
        for (var step = 0; step < 3; step++) loader.Next();
        Assert.InRange(loader.WaitSeconds, 0.08, 5);
    }

    sealed class Faulty(int after, TimeSpan pause = default) : IDataSplit
    {
        int _served;
        public int Served => Volatile.Read(ref _served);
        public int Count => 10;
        public DatasetInfo Info { get; } = new() { Classes = ["a"], Inputs = [TensorSpec.Float32("features", 1)] };

        public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
        {
            if (Interlocked.Increment(ref _served) == after + 1) throw new InvalidDataException("The fourth is bad.");
            if (pause > TimeSpan.Zero) Thread.Sleep(pause);
            into.Reset(positions.Length);
            into.Float32("features", [1]).Clear();
        }
    }
}
