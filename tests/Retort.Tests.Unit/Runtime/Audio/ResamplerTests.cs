using Retort.Runtime.Features.Audio;

namespace Retort.Tests.Runtime.Audio;

/// <summary>Changing the sampling rate: what passes, what does not, and streams.</summary>
public sealed class ResamplerTests
{
    [Theory]
    [InlineData(44_100, 8_000)]
    [InlineData(48_000, 16_000)]
    [InlineData(8_000, 48_000)]
    [InlineData(32_003, 16_001)] // more phases than are kept
    public void A_sine_below_both_nyquist_rates_stays_itself(int from, int to)
    {
        var resampled = Resampler.Resample(Sine(1000, from, from), from, to);
        Assert.Equal(to, resampled.Length);
        var expected = Sine(1000, to, to);
        for (var i = to / 10; i < to * 9 / 10; i++) Assert.Equal(expected[i], resampled[i], 1e-4);
    }

    [Fact]
    public void A_sine_above_the_new_nyquist_rate_is_gone()
    {
        var resampled = Resampler.Resample(Sine(5000, 44_100, 44_100), 44_100, 8_000);
        Assert.InRange(resampled[800..7200].Max(Math.Abs), 0, 1e-4);
    }

    [Theory]
    [InlineData(44_100, 8_000)]
    [InlineData(8_000, 44_100)]
    [InlineData(8_000, 8_000)]
    public void Chunks_of_any_length_give_the_same_numbers_as_the_whole(int from, int to)
    {
        var random = new Random(1);
        var samples = Enumerable.Range(0, 5000).Select(_ => random.NextSingle() - 0.5f).ToArray();
        var whole = Resampler.Resample(samples, from, to);
        Assert.Equal((5000L * to + from - 1) / from, whole.Length);
        var resampler = new Resampler(from, to);
        var chunks = new List<float>();
        for (var i = 0; i < samples.Length;)
        {
            var length = Math.Min(random.Next(1, 700), samples.Length - i);
            chunks.AddRange(resampler.Add(samples.AsSpan(i, length)));
            i += length;
        }
        chunks.AddRange(resampler.Complete());
        Assert.Equal(whole, chunks);
    }

    [Fact]
    public void A_short_sound_and_none_at_all()
    {
        Assert.Equal(2, Resampler.Resample([1, 1, 1], 16_000, 8_000).Length);
        Assert.Empty(Resampler.Resample([], 16_000, 8_000));
    }

    [Fact]
    public void A_stream_that_is_over_takes_no_more()
    {
        var resampler = new Resampler(16_000, 8_000);
        resampler.Complete();
        const string sentence = "The stream of this Resampler is over: make another one for other sound.";
        Assert.Equal(sentence, Assert.Throws<InvalidOperationException>(() => resampler.Add([1])).Message);
        Assert.Equal(sentence, Assert.Throws<InvalidOperationException>(resampler.Complete).Message);
    }

    [Fact]
    public void A_result_that_is_too_long_is_refused() => Assert.Equal(
        "Sound of 4000000 samples at 1000 Hz would have 192000000 at 48000 Hz; 144000000 at most are made.",
        Assert.Throws<InvalidDataException>(() => Resampler.Resample(new float[4_000_000], 1000, 48_000)).Message);

    [Fact]
    public void A_rate_that_no_sound_has_is_refused() => Assert.Contains(
        "A sampling rate must be from 1000 to 768000 Hz; it is 0.",
        Assert.Throws<ArgumentOutOfRangeException>(() => new Resampler(8_000, 0)).Message);

    static float[] Sine(double hertz, int rate, int count) =>
        [.. Enumerable.Range(0, count).Select(i => (float)Math.Sin(2 * Math.PI * hertz * i / rate))];
}
