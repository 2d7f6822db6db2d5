using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

public sealed class RandomStreamTests
{
    static readonly ulong[] s_pinned = [0x11D74EFCBFB45DA9, 0x536D6D0F18D3D9A3, 0x38D0C8AC0C22BF67];

    [Theory] // 8 bytes of seed, then 4 of words left, 4 of seeded, 8 of the next word
    [InlineData(8, 0)]
    [InlineData(10, 1)]
    [InlineData(12, 0)]
    [InlineData(18, 1)]
    public void An_invalid_generator_state_is_recognized(int offset, byte value)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var state = random.get_rng_state();
        Assert.True(RandomStream.IsTorchState(state));
        Assert.False(RandomStream.IsTorchState(state.to(ScalarType.Int32)));
        Assert.False(RandomStream.IsTorchState(state[..100]));
        state.bytes[offset] = value;
        if (offset == 8) state.bytes[9] = 0;
        Assert.False(RandomStream.IsTorchState(state));
    }

    [Fact] // another value here would change every recorded run
    public void The_stream_stays_the_same()
    {
        var random = new RandomStream(1, StreamKey.Shuffle, pass: 2, id: 3);
        Assert.Equal(s_pinned, new[] { random.Next(), random.Next(), random.Next() });
        Assert.Equal([9, 2, 3, 8, 7, 0, 4, 6, 1, 5], new RandomStream(1, StreamKey.Shuffle).Permutation(10));
    }

    [Fact] // with key 0: the published first outputs of seed 0
    public void The_generator_is_SplitMix64()
    {
        var random = default(RandomStream);
        Assert.Equal(
            [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F],
            new[] { random.Next(), random.Next(), random.Next() });
    }

    [Fact]
    public void Each_number_of_the_key_gives_another_stream()
    {
        RandomStream[] streams =
        [
            new(1, StreamKey.Shuffle, 2, 3),
            new(2, StreamKey.Shuffle, 2, 3),
            new(1, StreamKey.Split, 2, 3),
            new(1, StreamKey.Shuffle, 3, 2),
            new(1, StreamKey.Shuffle, 2, 4),
            new(-1, StreamKey.Shuffle, 2, 3),
        ];
        Assert.Equal(6, streams.Select(random => random.Next()).Distinct().Count());
    }

    [Fact] // 100,000 draws: mean ½ ± 4 · √(1/12 / n) = ± .0037; each tenth 10,000 ± 4 · √(n · .09) = ± 380
    public void Uniform_draws_fill_the_interval_evenly()
    {
        var random = new RandomStream(5, StreamKey.Data);
        var draws = Enumerable.Range(0, 100_000).Select(_ => random.Uniform()).ToList();
        Assert.InRange(draws.Average(), 0.4963, 0.5037);
        Assert.All(draws.GroupBy(x => (int)(x * 10)), tenth => Assert.InRange(tenth.Count(), 9620, 10380));
        Assert.InRange(draws.Max(), 0.999, 1 - 1e-16);
    }

    [Fact] // 100,000 draws: mean 0 ± 4 / √n = ± .0126, variance 1 ± 4 √(2 / n) = ± .0179, P(|x| > 2) = .0455 ± .0026
    public void Normal_draws_have_the_right_moments()
    {
        var random = new RandomStream(6, StreamKey.Data);
        var draws = Enumerable.Range(0, 100_000).Select(_ => random.Normal()).ToList();
        Assert.InRange(draws.Average(), -0.0126, 0.0126);
        Assert.InRange(draws.Average(x => x * x), 0.982, 1.018);
        Assert.InRange(draws.Count(x => Math.Abs(x) > 2) / 100_000.0, 0.0429, 0.0481);
    }

    [Theory] // Beta(a, a): mean ½, variance 1 / (4 (2 a + 1)): 1/12 for a = 1, .2083 for .1, .0119 for 10
    [InlineData(1.0, 1 / 12.0)]
    [InlineData(0.1, 0.2083)]
    [InlineData(10.0, 0.0119)]
    public void Beta_draws_have_the_right_moments(double a, double variance)
    {
        var random = new RandomStream(7, StreamKey.Mixup);
        var draws = Enumerable.Range(0, 20_000).Select(_ => random.Beta(a)).ToArray();
        Assert.Equal(0.5, draws.Average(), tolerance: 4 * Math.Sqrt(variance / 20_000));
        Assert.Equal(variance, draws.Average(x => Math.Pow(x - 0.5, 2)), tolerance: 0.02 * variance + 0.001);
    }

    [Fact] // 6 orders of 3, 60,000 shuffles: 10,000 ± 4 √(n · 5/36) = ± 365
    public void Each_order_is_equally_likely()
    {
        var random = new RandomStream(7, StreamKey.Shuffle);
        var counts = new Dictionary<string, int>();
        for (var i = 0; i < 60_000; i++)
        {
            var order = string.Concat(random.Permutation(3));
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }
        Assert.Equal(6, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 9635, 10365));
    }

    [Fact]
    public void NextInt_stays_within_its_bounds()
    {
        var random = new RandomStream(8, StreamKey.Data);
        Assert.Equal([0, 1, 2], Enumerable.Range(0, 200).Select(_ => random.NextInt(3)).Distinct().Order());
        Assert.Equal(0, random.NextInt(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInt(0));
    }

    [Fact]
    public void Libtorch_draws_the_same_after_the_same_seed_and_key()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(Draw(1, StreamKey.Weights), Draw(1, StreamKey.Weights));
        Assert.NotEqual(Draw(1, StreamKey.Weights), Draw(2, StreamKey.Weights));
        Assert.NotEqual(Draw(1, StreamKey.Weights), Draw(1, StreamKey.Training));

        static float Draw(long seed, StreamKey key)
        {
            RandomStream.SeedTorch(seed, key);
            return rand(1).ToSingle();
        }
    }
}
