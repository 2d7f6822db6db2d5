namespace Retort.Runtime.Features.Audio;

/// <summary>
/// How a window of sound becomes a log-mel spectrogram, as kapre does it for OpenL3: |STFT|² under a periodic Hann
/// window, summed by triangular filters of equal area on the HTK mel scale, its square root in decibels below the
/// window's maximum.
/// </summary>
/// <param name="SampleRate">Samples a second, in Hz.</param>
/// <param name="WindowSize">Samples of a window.</param>
/// <param name="FftSize">Samples of a frame, a power of two.</param>
/// <param name="HopSize">Samples from one frame's beginning to the next one's.</param>
/// <param name="MelBins">Filters, from 0 Hz to half the sampling rate.</param>
public sealed record MelOptions(int SampleRate, int WindowSize, int FftSize, int HopSize, int MelBins)
{
    /// <summary>The smallest value that a decibel is computed of.</summary>
    public const double MinAmplitude = 1e-10;

    /// <summary>The decibels below the maximum where values are cut.</summary>
    public const double Range = 80;

    const int MaxSeconds = 60;                             // of a window
    const int MaxValues = 16_000_000;                      // of a spectrogram: 64 MB

    /// <summary>The front end of SEA's students (§3): one second at 8 kHz, 64 × 50.</summary>
    public static MelOptions Sea { get; } = new(8_000, 8_000, 1024, 160, 64);

    /// <summary>The front end of OpenL3's environmental model with 256 bins: one second at 48 kHz, 256 × 199.</summary>
    public static MelOptions OpenL3 { get; } = new(48_000, 48_000, 2048, 242, 256);

    /// <summary>Frames of a window: one a hop, the last one may be shorter.</summary>
    public int Frames => (int)(((long)WindowSize + HopSize - 1) / HopSize);

    /// <summary>The silence before a window, so that each hop has a frame ("same" padding).</summary>
    public int PaddingBefore => Padding / 2;

    /// <summary>The silence after a window.</summary>
    public int PaddingAfter => Padding - PaddingBefore;

    int Padding => Math.Max(FftSize - (WindowSize % HopSize is var rest and > 0 ? rest : HopSize), 0);

    /// <summary>Returns why no spectrogram can be computed so, or null.</summary>
    public string? Error() =>
        SampleRate is < AudioClip.MinSampleRate or > AudioClip.MaxSampleRate
            ? Invariant($"the sampling rate must be from {AudioClip.MinSampleRate} to {AudioClip.MaxSampleRate} Hz; ")
                + Invariant($"it is {SampleRate}")
        : FftSize is < 2 or > 65_536 || (FftSize & (FftSize - 1)) != 0
            ? Invariant($"the FFT's size must be a power of two from 2 to 65536; it is {FftSize}")
        : HopSize < 1 || HopSize > FftSize
            ? Invariant($"the hop must be from 1 to the FFT's size, {FftSize}; it is {HopSize}")
        : WindowSize < 1 ? Invariant($"a window must have a sample; it has {WindowSize}")
        : WindowSize > (long)MaxSeconds * SampleRate
            ? Invariant($"a window must be at most {MaxSeconds} s, {(long)MaxSeconds * SampleRate} samples; ")
                + Invariant($"it has {WindowSize}")
        : MelBins is < 1 or > 1024 ? Invariant($"there must be from 1 to 1024 mel bins; there are {MelBins}")
        : (long)MelBins * Frames > MaxValues
            ? Invariant($"a spectrogram must have at most {MaxValues} values; it has {MelBins} mel bins of {Frames} ")
                + "frames"
        : null;
}
