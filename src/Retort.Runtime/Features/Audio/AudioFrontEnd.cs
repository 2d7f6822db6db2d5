using System.Text.Json.Nodes;

namespace Retort.Runtime.Features.Audio;

/// <summary>How sound becomes the inputs of a network: windows at a fixed hop, a log-mel spectrogram of each.</summary>
/// <param name="Mel">The sampling rate, and the spectrogram of a window.</param>
/// <param name="WindowHop">Samples from one window's beginning to the next one's.</param>
/// <param name="IsCentered">
/// Whether half a window of silence comes before the sound, so that the first window is centred on the first sample.
/// </param>
public sealed record AudioFrontEnd(MelOptions Mel, int WindowHop, bool IsCentered)
{
    /// <summary>The file in a student's folder that describes it.</summary>
    public const string FileName = "preprocessor_config.json";

    /// <summary>The value of the key <c>feature_extractor_type</c>.</summary>
    internal const string Kind = "LogMelWindows";

    const int ChunkSize = 65_536;

    /// <summary>Returns why no spectrograms can be computed so, or null.</summary>
    public string? Error() => Mel.Error() ?? (WindowHop >= 1 && WindowHop <= Mel.WindowSize ? null
        : Invariant($"windows must follow each other by 1 to {Mel.WindowSize} samples; they do by {WindowHop}"));

    /// <summary>The spectrograms of a sound's windows, at least one. The mean of the channels is taken.</summary>
    /// <returns>[windows] [mel bins, frames] each</returns>
    public IEnumerable<float[]> Spectrograms(AudioClip clip)
    {
        var stream = new SpectrogramStream(this, clip.SampleRate);
        foreach (var chunk in clip.ToMono().Chunk(ChunkSize))              // a long sound's windows overlap: one by one
            foreach (var spectrogram in stream.Add(chunk)) yield return spectrogram;
        foreach (var spectrogram in stream.Complete()) yield return spectrogram;
    }

    /// <summary>
    /// The content of the file <see cref="FileName"/>. Keys are Hugging Face's where it has the option.
    /// </summary>
    public string ToJson() => new JsonObject
    {
        ["feature_extractor_type"] = Kind,
        ["sampling_rate"] = Mel.SampleRate,
        ["window_size"] = Mel.WindowSize,
        ["window_hop"] = WindowHop,
        ["centered"] = IsCentered,
        ["n_fft"] = Mel.FftSize,
        ["hop_length"] = Mel.HopSize,
        ["feature_size"] = Mel.MelBins,
    }.ToJsonString(new() { WriteIndented = true }) + "\n";
}
