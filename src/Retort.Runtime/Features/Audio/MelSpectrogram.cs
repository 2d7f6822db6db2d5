namespace Retort.Runtime.Features.Audio;

/// <summary>Computes log-mel spectrograms of windows of sound. It serves one thread at a time.</summary>
public sealed class MelSpectrogram
{
    readonly Fft _fft;
    readonly double[] _hann;
    readonly (int First, double[] Weights)[] _filters;                     // without the zeros around them
    readonly double[] _real;
    readonly double[] _imaginary;
    readonly double[] _power;
    readonly float[] _padded;

    /// <summary>Prepares the window, the filters and the FFT.</summary>
    /// <exception cref="ArgumentException">No spectrogram can be computed so.</exception>
    public MelSpectrogram(MelOptions options)
    {
        if (options.Error() is { } error) throw new ArgumentException($"Of a spectrogram, {error}.", nameof(options));

        Options = options;
        _fft = new Fft(options.FftSize);
        _hann = MelFilters.Hann(options.FftSize);
        _filters = [.. MelFilters.Of(options).Select(WithoutZeros)];
        (_real, _imaginary) = (new double[options.FftSize], new double[options.FftSize]);
        _power = new double[options.FftSize / 2 + 1];
        _padded = new float[options.PaddingBefore + options.WindowSize + options.PaddingAfter];
    }

    /// <summary>How spectrograms are computed.</summary>
    public MelOptions Options { get; }

    /// <summary>Computes the spectrogram of a window, in decibels from −80 to 0.</summary>
    /// <param name="window">The samples. [WindowSize]</param>
    /// <param name="into">Receives the spectrogram. [MelBins, Frames]</param>
    public void Compute(ReadOnlySpan<float> window, Span<float> into)
    {
        var (bins, frames) = (Options.MelBins, Options.Frames);
        if (window.Length != Options.WindowSize) throw new ArgumentException(
            Invariant($"A window must have {Options.WindowSize} samples; this one has {window.Length}."),
            nameof(window));
        if (into.Length < bins * frames) throw new ArgumentException(
            Invariant($"The spectrogram has {bins} × {frames} numbers; there is room for {into.Length}."),
            nameof(into));

        window.CopyTo(_padded.AsSpan(Options.PaddingBefore));
        var max = float.NegativeInfinity;
        for (var frame = 0; frame < frames; frame++)
        {
            ComputePower(_padded.AsSpan(frame * Options.HopSize, Options.FftSize));
            for (var bin = 0; bin < bins; bin++)
            {
                var (first, weights) = _filters[bin];
                var sum = 0.0;
                for (var i = 0; i < weights.Length; i++) sum += weights[i] * _power[first + i];
                var decibels = (float)(10 * Math.Log10(Math.Max(Math.Sqrt(sum), MelOptions.MinAmplitude)));
                into[bin * frames + frame] = decibels;
                max = Math.Max(max, decibels);
            }
        }
        foreach (ref var value in into[..(bins * frames)])
            value = Math.Max(value - max, (float)-MelOptions.Range);
    }

    void ComputePower(ReadOnlySpan<float> frame)
    {
        for (var i = 0; i < frame.Length; i++) _real[i] = frame[i] * _hann[i];
        Array.Clear(_imaginary);
        _fft.Transform(_real, _imaginary);
        for (var i = 0; i < _power.Length; i++) _power[i] = _real[i] * _real[i] + _imaginary[i] * _imaginary[i];
    }

    static (int First, double[] Weights) WithoutZeros(double[] filter)
    {
        var first = Array.FindIndex(filter, weight => weight > 0);
        if (first < 0) return (0, []);                                     // narrower than the FFT's bins

        return (first, filter[first..(Array.FindLastIndex(filter, weight => weight > 0) + 1)]);
    }
}
