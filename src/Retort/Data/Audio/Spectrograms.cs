using Retort.Runtime.Features.Audio;

namespace Retort.Data.Audio;

/// <summary>Spectrograms of all windows in memory, in decibels; they are normalized when a batch is loaded.</summary>
/// <param name="frontEnd">How they were computed.</param>
/// <param name="rows">[N] [mel bins, frames] each</param>
sealed class Spectrograms(AudioFrontEnd frontEnd, IReadOnlyList<float[]> rows)
{
    const int Digits = 4;                                  // of the normalization, so that machines agree

    /// <summary>How they were computed.</summary>
    public AudioFrontEnd FrontEnd => frontEnd;

    /// <summary>The input of a network.</summary>
    public TensorSpec Spec => TensorSpec.InputFeatures(frontEnd.Mel.MelBins, frontEnd.Mel.Frames);

    /// <summary>Mean and standard deviation over all values of these rows, in decibels.</summary>
    public Normalization Measure(ReadOnlySpan<int> training)
    {
        var (sum, squares, count) = (0.0, 0.0, 0L);
        foreach (var row in training)
        {
            foreach (double value in rows[row])
            {
                sum += value;
                squares += value * value;
            }
            count += rows[row].Length;
        }
        var mean = sum / count;
        var deviation = Math.Round(Math.Sqrt(Math.Max(squares / count - mean * mean, 0)), Digits);
        return new(1, [Math.Round(mean, Digits)], [deviation > 0 ? deviation : 1]);
    }

    /// <summary>What is subtracted, then the factor. [2]</summary>
    public static float[] Constants(Normalization normalization) =>
    [
        (float)(normalization.Mean[0] * normalization.Scale),
        (float)(1 / (normalization.Scale * normalization.StandardDeviation[0])),
    ];

    /// <summary>Writes one normalized spectrogram.</summary>
    public void Fill(int row, ReadOnlySpan<float> constants, Span<float> into)
    {
        var values = rows[row];
        for (var i = 0; i < values.Length; i++) into[i] = (values[i] - constants[0]) * constants[1];
    }
}
