using Retort.Training;

namespace Retort.Tests.Training;

/// <summary>Batches of examples of about the same length.</summary>
public sealed class SamplerTests
{
    const int Count = 1003;
    const int Batch = 16;

    [Fact]
    public void Every_pass_has_every_example_once()
    {
        var sampler = new Sampler(new Lengths(), Batch, seed: 3);
        var stream = Enumerable.Range(0, 3 * Count).SelectMany(step => sampler.At(step).Positions).ToList();
        for (var pass = 0; pass < 3; pass++)
            Assert.Equal(Enumerable.Range(0, Count), stream.Skip(pass * Count).Take(Count).Order());
    }

    [Fact] // 50 batches are sorted together: without it a batch's longest is near 100 and its mean near 50
    public void A_batch_has_about_one_length()
    {
        var data = new Lengths();
        var sampler = new Sampler(data, Batch, seed: 3);
        var padded = Enumerable.Range(0, 200).Select(step =>
            sampler.At(step).Positions.Select(position => data.LengthOf(position)!.Value).ToList())
            .Average(lengths => lengths.Max() / lengths.Average());
        Assert.InRange(padded, 1, 1.15);
    }

    [Fact]
    public void Long_batches_come_in_no_order()
    {
        var data = new Lengths();
        var sampler = new Sampler(data, Batch, seed: 3);
        var means = Enumerable.Range(0, 50).Select(step =>
            sampler.At(step).Positions.Average(position => data.LengthOf(position)!.Value)).ToList();
        Assert.InRange(means.Zip(means.Skip(1)).Count(pair => pair.First < pair.Second), 15, 34);
    }

    [Fact] // step 500 first, or after all before it
    public void The_order_is_a_function_of_seed_and_step()
    {
        var first = new Sampler(new Lengths(), Batch, seed: 3);
        var second = new Sampler(new Lengths(), Batch, seed: 3);
        for (var step = 0; step < 100; step++) second.At(step);
        Assert.Equal(first.At(100).Positions, second.At(100).Positions);
        Assert.NotEqual(first.At(100).Positions, new Sampler(new Lengths(), Batch, seed: 4).At(100).Positions);
    }

    sealed class Lengths : IDataSplit
    {
        public int Count => SamplerTests.Count;
        public DatasetInfo Info => throw new NotSupportedException();
        public int? LengthOf(int position) => 1 + position * 37 % 100;
        public void Load(ReadOnlySpan<int> positions, View view, HostBatch into) => throw new NotSupportedException();
    }
}
