using Retort.Runtime.Features.Audio;

namespace Retort.Tests.Runtime.Audio;

/// <summary>Windows of sound: how many, and the same of a stream.</summary>
public sealed class AudioWindowsTests
{
    [Theory] // OpenL3's counts
    [InlineData(8_000, 10, 0.1, 96)]
    [InlineData(8_000, 10, 0.5, 20)]
    [InlineData(8_000, 4, 0.1, 36)]
    [InlineData(8_000, 1, 0.1, 6)]
    [InlineData(8_000, 0.5, 0.1, 1)]
    [InlineData(48_000, 10, 0.5, 20)]
    public void Windows_of_one_second(int rate, double seconds, double hop, int count) =>
        Assert.Equal(count, AudioWindows.Of(new float[(int)(seconds * rate)], rate, (int)(hop * rate)).Count);

    [Fact]
    public void Silence_comes_before_the_first_and_after_the_last_sample()
    {
        Assert.Equal([[0, 0, 1, 2], [1, 2, 3, 0]], AudioWindows.Of([1, 2, 3], 4, 2));
        Assert.Equal([[0, 0, 1, 2]], AudioWindows.Of([1, 2], 4, 2));
        Assert.Equal([[0, 0, 1, 0]], AudioWindows.Of([1], 4, 2));
    }

    [Fact]
    public void A_stream_that_is_over_takes_no_more()
    {
        var windows = new AudioWindows(4, 2);
        windows.Complete();
        const string sentence = "The stream of these AudioWindows is over: make others for other sound.";
        Assert.Equal(sentence, Assert.Throws<InvalidOperationException>(() => windows.Add([1])).Message);
        Assert.Equal(sentence, Assert.Throws<InvalidOperationException>(windows.Complete).Message);
    }

    [Fact]
    public void Chunks_of_any_length_give_the_same_windows()
    {
        var samples = Enumerable.Range(1, 1000).Select(i => (float)i).ToArray();
        var windows = new AudioWindows(100, 30);
        var some = new List<float[]>();
        foreach (var chunk in samples.Chunk(77)) some.AddRange(windows.Add(chunk));
        some.AddRange(windows.Complete());
        Assert.Equal(AudioWindows.Of(samples, 100, 30), some);
    }
}
