using Retort.Runtime.Features.Audio;

namespace Retort.Runtime;

/// <remarks>Sound: the folder says how windows of it become the graph's input.</remarks>
public sealed partial class Student
{
    readonly AudioFrontEnd? _frontEnd;

    /// <summary>Whether the folder says how sound is prepared, so that the student takes sound.</summary>
    public bool TakesSound => _frontEnd is not null;

    /// <summary>
    /// How sound becomes the graph's input. A <see cref="SpectrogramStream"/> does it for sound that comes in chunks.
    /// </summary>
    /// <exception cref="InvalidOperationException">The student takes no sound.</exception>
    public AudioFrontEnd FrontEnd => _frontEnd ?? throw new InvalidOperationException(
        $"{_config.Folder} has no {AudioFrontEnd.FileName}: this student takes {string.Join(", ", Inputs)}.");

    /// <summary>Predicts the class of a sound of any length: the one with the highest mean over its windows.</summary>
    /// <exception cref="InvalidOperationException">The student takes no sound, or does not classify.</exception>
    public Prediction Predict(AudioClip clip) => MostLikely(Probabilities(clip));

    /// <summary>The probability of each class of a sound, or of each label: the mean over its windows.</summary>
    /// <inheritdoc cref="Predict(AudioClip)"/>
    public float[] Probabilities(AudioClip clip)
    {
        CheckHasProbabilities();
        return MeanOutput(FrontEnd.Spectrograms(clip));
    }

    /// <summary>The values of a regression: the means over a sound's windows.</summary>
    /// <inheritdoc cref="Predict(AudioClip)"/>
    public float[] Values(AudioClip clip) => MeanOutput(FrontEnd.Spectrograms(clip));

    /// <summary>
    /// The embedding of each window of a sound, of a student that was exported with this output. [windows] [D] each
    /// </summary>
    /// <inheritdoc cref="Predict(AudioClip)"/>
    public IReadOnlyList<float[]> Embeddings(AudioClip clip) => [.. FrontEnd.Spectrograms(clip).Select(window =>
    {
        var input = NamedTensor.Of<float>(Inputs[0].Name, window, [1, .. Inputs[0].Shape.Skip(1)]);
        return Run([input], StudentConfig.Embedding)[StudentConfig.Embedding].Values<float>().ToArray();
    })];

    /// <summary>
    /// What is predicted of one window: probabilities of classes or labels, or values of a regression. [classes]
    /// </summary>
    /// <param name="spectrogram">The window's spectrogram. [mel bins, frames]</param>
    public float[] WindowOutput(float[] spectrogram)
    {
        var output = new float[Classes.Count];
        if (Task == "regression") Logits(spectrogram, output);
        else Probabilities(spectrogram, output);
        return output;
    }

    /// <summary>The mean of <see cref="WindowOutput"/> over windows, in float64. [classes]</summary>
    /// <param name="spectrograms">The windows' spectrograms, at least one. [mel bins, frames] each</param>
    public float[] MeanOutput(IEnumerable<float[]> spectrograms)
    {
        var sum = new double[Classes.Count];
        var count = 0;
        foreach (var output in spectrograms.Select(WindowOutput))
        {
            count++;
            for (var c = 0; c < sum.Length; c++) sum[c] += output[c];
        }
        if (count == 0) throw new ArgumentException("There must be a window; there is none.", nameof(spectrograms));
        return Array.ConvertAll(sum, value => (float)(value / count));
    }
}
