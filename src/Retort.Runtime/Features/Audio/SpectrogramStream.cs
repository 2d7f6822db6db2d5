namespace Retort.Runtime.Features.Audio;

/// <summary>
/// The spectrograms of sound that comes in chunks of any length, as from a microphone; they are the same numbers as
/// those of the whole sound. It serves one thread at a time.
/// </summary>
public sealed class SpectrogramStream
{
    readonly Resampler _resampler;
    readonly AudioWindows _windows;
    readonly MelSpectrogram _spectrogram;

    /// <summary>Begins a stream.</summary>
    /// <param name="frontEnd">How sound is prepared.</param>
    /// <param name="sampleRate">The sampling rate of the samples that come, in Hz.</param>
    public SpectrogramStream(AudioFrontEnd frontEnd, int sampleRate)
    {
        if (frontEnd.Error() is { } error) throw new ArgumentException($"Of sound, {error}.", nameof(frontEnd));

        _resampler = new(sampleRate, frontEnd.Mel.SampleRate);
        _windows = new(frontEnd.Mel.WindowSize, frontEnd.WindowHop, frontEnd.IsCentered);
        _spectrogram = new(frontEnd.Mel);
    }

    /// <summary>Takes the next samples, and returns the spectrograms of the windows that are full.</summary>
    /// <param name="samples">Samples of one channel, from −1 to 1.</param>
    /// <returns>[windows] [mel bins, frames] each</returns>
    public List<float[]> Add(ReadOnlySpan<float> samples) => Of(_windows.Add(_resampler.Add(samples)));

    /// <summary>Returns the spectrograms of the last windows. The stream is over then.</summary>
    public List<float[]> Complete()
    {
        List<float[]> windows = [.. _windows.Add(_resampler.Complete()), .. _windows.Complete()];
        return Of(windows);
    }

    List<float[]> Of(List<float[]> windows) => windows.ConvertAll(window =>
    {
        var values = new float[_spectrogram.Options.MelBins * _spectrogram.Options.Frames];
        _spectrogram.Compute(window, values);
        return values;
    });
}
