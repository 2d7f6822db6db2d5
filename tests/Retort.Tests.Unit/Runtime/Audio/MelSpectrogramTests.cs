using System.Text.Json.Nodes;
using Retort.Data;
using Retort.Runtime.Features.Audio;

namespace Retort.Tests.Runtime.Audio;

/// <summary>Log-mel spectrograms against numpy, and against the reference of the authors' student.</summary>
public sealed class MelSpectrogramTests
{
    static readonly int[] s_bins = [0, 32, 63];                            // that the reference has
    static readonly double[] s_lowest = [0, 20.8105, 42.2397, 64.3060];    // edges of SEA's filters, in Hz
    static readonly double[] s_highest = [3732.5303, 3864.3063, 4000];

    [Fact] // a decaying tone and a rising one; numpy.fft.rfft in float64 and the formulas of the options
    public void The_spectrogram_is_numpys()
    {
        Check(MelOptions.Sea, -51.8013,
            (0, 0, -7.43459), (0, 49, -27.93252), (32, 0, -23.09479), (32, 25, -16.28302), (63, 49, -29.3454),
            (13, 3, -32.83038));
        Check(MelOptions.OpenL3, -61.38233,
            (0, 0, -80), (0, 198, -80), (128, 0, -31.72445), (128, 100, -71.88163), (255, 198, -35.31671),
            (13, 3, -11.07027));

        static void Check(MelOptions options, double mean, params (int Bin, int Frame, double Value)[] points)
        {
            var rate = options.SampleRate;
            var window = Enumerable.Range(0, rate).Select(i => (double)i / rate).Select(t => (float)(
                Math.Sin(2 * Math.PI * 440 * t) * Math.Exp(-4 * t)
                + 0.25 * Math.Sin(2 * Math.PI * rate / 8 * t * t))).ToArray();
            var into = new float[options.MelBins * options.Frames];
            new MelSpectrogram(options).Compute(window, into);
            Assert.Equal(mean, into.Average(), 1e-3);
            foreach (var (bin, frame, value) in points) Assert.Equal(value, into[bin * options.Frames + frame], 1e-3);
        }
    }

    [Fact]
    public void Shapes_and_padding_of_both_front_ends()
    {
        Assert.Equal((50, 432, 432), Sizes(MelOptions.Sea));
        Assert.Equal((199, 982, 982), Sizes(MelOptions.OpenL3));

        static (int, int, int) Sizes(MelOptions options) =>
            (options.Frames, options.PaddingBefore, options.PaddingAfter);
    }

    [Fact]
    public void Edges_are_equidistant_on_the_htk_mel_scale()
    {
        var edges = MelFilters.Edges(MelOptions.Sea);
        Assert.Equal(2146.0645, MelFilters.Mel(4000), 1e-4);
        Assert.Equal(66, edges.Length);
        foreach (var (i, expected) in s_lowest.Index()) Assert.Equal(expected, edges[i], 1e-4);
        foreach (var (i, expected) in s_highest.Index()) Assert.Equal(expected, edges[63 + i], 1e-4);
    }

    [Fact]
    public void Silence_is_zero_everywhere()
    {
        var into = new float[64 * 50];
        new MelSpectrogram(MelOptions.Sea).Compute(new float[8000], into);
        Assert.All(into, value => Assert.Equal(0, value));
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_refused()
    {
        Assert.Contains(
            "the FFT's size must be a power of two from 2 to 65536; it is 1000",
            Assert.Throws<ArgumentException>(() => new MelSpectrogram(MelOptions.Sea with { FftSize = 1000 })).Message);
        Assert.Contains(
            "A window must have 8000 samples; this one has 7999.",
            Assert.Throws<ArgumentException>(
                () => new MelSpectrogram(MelOptions.Sea).Compute(new float[7999], new float[3200])).Message);
    }

    [Theory]
    [InlineData(480_001, 160, 64, "a window must be at most 60 s, 480000 samples; it has 480001")]
    [InlineData(int.MaxValue, 160, 64, "a window must be at most 60 s, 480000 samples; it has 2147483647")]
    [InlineData(480_000, 1, 1024, "a spectrogram must have at most 16000000 values; it has 1024 mel bins of 480000")]
    [InlineData(480_000, 1, 33, null)]
    public void Windows_and_spectrograms_that_are_too_large_are_refused(int window, int hop, int bins, string? message)
    {
        var error = new MelOptions(8_000, window, 1024, hop, bins).Error();
        if (message is null) Assert.Null(error);
        else Assert.Contains(message, error, StringComparison.Ordinal);
    }

    // the reference was computed in float64 from the authors' kernels, which are float32: their rounding is seen in the
    // bins of a sine that are up to 60 dB below its maximum
    [Theory]
    [InlineData("sine440", 5e-3)]
    [InlineData("noise", 1e-4)]
    [InlineData("dog-bark", 1e-4)]
    [InlineData("rain", 1e-4)]
    [InlineData("sea-waves", 1e-4)]
    [InlineData("baby-cry", 1e-4)]
    public void The_spectrogram_is_that_of_the_authors_student(string name, double tolerance)
    {
        var folder = Path.Combine(CacheFolders.Data, "sea-reference");
        Assert.SkipUnless(
            Directory.Exists(folder), $"{folder} is not there; RETORT_DATA can name the folder that has it.");
        var clip = AudioFile.Read(File.ReadAllBytes(Path.Combine(folder, $"{name}.wav")), name);
        var into = new float[64 * 50];
        new MelSpectrogram(MelOptions.Sea).Compute(clip.ToMono(8000), into);
        var reference = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "reference.json")))!["clips"]![name]!;
        foreach (var (row, bin) in s_bins.Index())
            for (var frame = 0; frame < 50; frame++)
                Assert.Equal(
                    (float)reference["mel_db_bin_0_32_63"]![row]![frame]!, into[bin * 50 + frame], tolerance);
        Assert.Equal((double)reference["mel_db_mean"]!, into.Average(), tolerance);
    }
}
