using Retort.Data.Audio;
using Retort.Runtime;
using Retort.Runtime.Features.Audio;
using static System.FormattableString;

namespace Retort.Cli.Commands;

/// <summary>What an exported student predicts of sound: of each recording, or of each of its windows.</summary>
/// <param name="student">The student.</param>
/// <param name="raw">How the standard input is read.</param>
/// <param name="byWindow">Whether each window is predicted by itself, as soon as it is full.</param>
sealed class SoundPrediction(Student student, RawSamples raw, bool byWindow)
{
    /// <summary>The name of a path that stands for the standard input.</summary>
    public const string StandardInput = "-";

    /// <summary>The outputs for these paths, with their names.</summary>
    public IEnumerable<(string Name, float[] Output)> Of(IEnumerable<string> paths) => paths.SelectMany(path =>
        path == StandardInput ? Of(StandardInput, Spectrograms(raw))
        : InferenceSound.Read(path).SelectMany(sound => Of(sound.Name, student.FrontEnd.Spectrograms(sound.Clip))));

    IEnumerable<(string Name, float[] Output)> Of(string name, IEnumerable<float[]> spectrograms)
    {
        if (!byWindow) return [(name, student.MeanOutput(spectrograms))];

        var frontEnd = student.FrontEnd;
        var hop = (double)frontEnd.WindowHop / frontEnd.Mel.SampleRate;
        var start = frontEnd.IsCentered ? -0.5 * frontEnd.Mel.WindowSize / frontEnd.Mel.SampleRate : 0;
        return spectrograms.Select((spectrogram, i) =>
            (Invariant($"{name}:{start + i * hop:0.###}s"), student.WindowOutput(spectrogram)));
    }

    IEnumerable<float[]> Spectrograms(RawSamples samples)
    {
        var stream = new SpectrogramStream(student.FrontEnd, samples.SampleRate);
        using var input = Console.OpenStandardInput();
        foreach (var chunk in samples.Read(input))
            foreach (var spectrogram in stream.Add(chunk)) yield return spectrogram;
        foreach (var spectrogram in stream.Complete()) yield return spectrogram;
    }
}
