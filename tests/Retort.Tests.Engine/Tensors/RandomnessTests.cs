using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

public sealed class RandomnessTests
{
    [Theory] // 8 bytes of seed, then 4 of how many words are left, 4 of seeded, 8 of which is next
    [InlineData(8, 0)]
    [InlineData(10, 1)]
    [InlineData(12, 0)]
    [InlineData(18, 1)]
    public void What_would_end_the_process_as_a_state_of_the_generator_is_told_from_one(int at, byte value)
    {
        using var scope = torch.NewDisposeScope();
        torch.manual_seed(1);
        var state = torch.random.get_rng_state();
        Assert.True(RandomStream.IsTorchState(state));
        Assert.False(RandomStream.IsTorchState(state.to(torch.ScalarType.Int32)));
        Assert.False(RandomStream.IsTorchState(state[..100]));
        state.bytes[at] = value;
        if (at == 8) state.bytes[9] = 0;
        Assert.False(RandomStream.IsTorchState(state));
    }

    [Fact] // a changed value here changes every run that was ever recorded
    public void The_stream_stays_what_it_was()
    {
        var chance = new RandomStream(1, StreamKey.Shuffle, pass: 2, id: 3);
        Assert.Equal(Pinned, new[] { chance.Next(), chance.Next(), chance.Next() });
        Assert.Equal([9, 2, 3, 8, 7, 0, 4, 6, 1, 5], new RandomStream(1, StreamKey.Shuffle).Permutation(10));
    }

    static readonly ulong[] Pinned = [0x11D74EFCBFB45DA9, 0x536D6D0F18D3D9A3, 0x38D0C8AC0C22BF67];

    [Fact] // SplitMix64's own sequence: with its key 0, the published first outputs of seed 0
    public void The_generator_is_SplitMix64()
    {
        var chance = default(RandomStream);
        Assert.Equal([0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F], new[] { chance.Next(), chance.Next(), chance.Next() });
    }

    [Fact]
    public void Each_part_of_the_key_makes_another_stream()
    {
        var first = new[]
        {
            new RandomStream(1, StreamKey.Shuffle, 2, 3), new RandomStream(2, StreamKey.Shuffle, 2, 3), new RandomStream(1, StreamKey.Split, 2, 3),
            new RandomStream(1, StreamKey.Shuffle, 3, 2), new RandomStream(1, StreamKey.Shuffle, 2, 4), new RandomStream(-1, StreamKey.Shuffle, 2, 3),
        }.Select(chance => chance.Next());
        Assert.Equal(6, first.Distinct().Count());
    }

    [Fact] // 100,000 draws: mean ½ ± 4 · √(1/12 / n) = ± .0037; each tenth 10,000 ± 4 · √(n · .09) = ± 380
    public void Uniform_draws_fill_the_interval_evenly()
    {
        var chance = new RandomStream(5, StreamKey.Data);
        var draws = Enumerable.Range(0, 100_000).Select(_ => chance.Uniform()).ToList();
        Assert.InRange(draws.Average(), 0.4963, 0.5037);
        Assert.All(draws.GroupBy(x => (int)(x * 10)), tenth => Assert.InRange(tenth.Count(), 9620, 10380));
        Assert.InRange(draws.Max(), 0.999, 1 - 1e-16);
    }

    [Fact] // 100,000 draws: mean 0 ± 4 / √n = ± .0126, variance 1 ± 4 √(2 / n) = ± .0179, P(|x| > 2) = .0455 ± .0026
    public void Normal_draws_have_their_moments()
    {
        var chance = new RandomStream(6, StreamKey.Data);
        var draws = Enumerable.Range(0, 100_000).Select(_ => chance.Normal()).ToList();
        Assert.InRange(draws.Average(), -0.0126, 0.0126);
        Assert.InRange(draws.Average(x => x * x), 0.982, 1.018);
        Assert.InRange(draws.Count(x => Math.Abs(x) > 2) / 100_000.0, 0.0429, 0.0481);
    }

    [Theory] // Beta(a, a): mean ½, variance 1 / (4 (2 a + 1)): 1/12 for a = 1, .2083 for .1, .0119 for 10
    [InlineData(1.0, 1 / 12.0)]
    [InlineData(0.1, 0.2083)]
    [InlineData(10.0, 0.0119)]
    public void Shares_come_from_a_beta_distribution(double alpha, double variance)
    {
        var chance = new RandomStream(7, StreamKey.Mixup);
        var shares = Enumerable.Range(0, 20_000).Select(_ => chance.Beta(alpha)).ToArray();
        Assert.Equal(0.5, shares.Average(), tolerance: 4 * Math.Sqrt(variance / 20_000));
        Assert.Equal(variance, shares.Average(share => Math.Pow(share - 0.5, 2)), tolerance: 0.02 * variance + 0.001);
    }

    [Fact] // 6 orders of 3, 60,000 shuffles: 10,000 ± 4 √(n · 5/36) = ± 365
    public void Each_order_is_as_likely()
    {
        var chance = new RandomStream(7, StreamKey.Shuffle);
        var counts = new Dictionary<string, int>();
        for (var i = 0; i < 60_000; i++)
        {
            var key = string.Concat(chance.Permutation(3));
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
        Assert.Equal(6, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 9635, 10365));
    }

    [Fact]
    public void Below_keeps_its_bounds()
    {
        var chance = new RandomStream(8, StreamKey.Data);
        Assert.Equal([0, 1, 2], Enumerable.Range(0, 200).Select(_ => chance.NextInt(3)).Distinct().Order());
        Assert.Equal(0, chance.NextInt(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => chance.NextInt(0));
    }

    [Fact]
    public void The_engine_draws_the_same_after_the_same_seed_and_purpose()
    {
        using var scope = NewDisposeScope();
        float Draw(long seed, StreamKey purpose)
        {
            RandomStream.SeedTorch(seed, purpose);
            return rand(1).ToSingle();
        }
        Assert.Equal(Draw(1, StreamKey.Weights), Draw(1, StreamKey.Weights));
        Assert.NotEqual(Draw(1, StreamKey.Weights), Draw(2, StreamKey.Weights));
        Assert.NotEqual(Draw(1, StreamKey.Weights), Draw(1, StreamKey.Training));
    }
}
