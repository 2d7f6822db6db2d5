using Retort.Runtime.Features.Audio;

namespace Retort.Data.Audio;

/// <summary>The log-mel spectrogram of a window of sound. An option that is left out is the preset's.</summary>
public sealed record SpectrogramOptions
{
    /// <summary>The spectrogram whose options hold where this one leaves them out.</summary>
    public SpectrogramPreset Preset { get; init; }

    /// <summary>The sampling rate in Hz that recordings are resampled to.</summary>
    [Between(AudioClip.MinSampleRate, AudioClip.MaxSampleRate)] public int? SampleRate { get; init; }

    /// <summary>Samples of a frame: a power of two.</summary>
    [Between(2, 65_536)] public int? FftSize { get; init; }

    /// <summary>Samples from one frame's beginning to the next one's, at most <c>fftSize</c>.</summary>
    [AtLeast(1)] public int? HopLength { get; init; }

    /// <summary>Mel filters from 0 Hz to half the sampling rate: the height of the spectrogram.</summary>
    [Between(1, 1024)] public int? MelBins { get; init; }

    /// <summary>How windows of this length become spectrograms.</summary>
    /// <param name="window">The length of a window, in seconds.</param>
    /// <param name="hop">The time from one window's beginning to the next one's, in seconds.</param>
    /// <param name="isCentered">Whether half a window of silence comes first.</param>
    internal AudioFrontEnd FrontEnd(double window, double hop, bool isCentered)
    {
        var preset = Preset == SpectrogramPreset.Sea ? MelOptions.Sea : MelOptions.OpenL3;
        var rate = SampleRate ?? preset.SampleRate;
        var mel = new MelOptions(rate, Samples(window, rate), FftSize ?? preset.FftSize, HopLength ?? preset.HopSize,
            MelBins ?? preset.MelBins);
        return new(mel, Samples(hop, rate), isCentered);
    }

    // a window too long for an int is refused by its length in seconds
    static int Samples(double seconds, int rate) => (int)Math.Min(Math.Round(seconds * rate), int.MaxValue);
}
