using Retort.Runtime.Features;

namespace Retort.Data;

/// <summary>Examples of one float32 input: images, rows of a table, or spectrograms.</summary>
public abstract class NumericExamples : Examples
{
    /// <summary>Names of a table's columns in the order of the input's values; null where it has none.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>The input's name: <c>pixel_values</c>, <c>features</c> or <c>input_features</c>.</summary>
    public abstract string Input { get; }

    /// <summary>Channels, height and width; the features of a table are channels of one pixel.</summary>
    public abstract ImageSize Size { get; }

    /// <summary>The value of white in files of images; null for other data.</summary>
    public virtual double? White => null;

    /// <summary>Mean and standard deviation over these rows, channel by channel.</summary>
    public abstract Normalization Measure(ReadOnlySpan<int> rows);

    /// <summary>Constants of a normalization that <see cref="Fill"/> needs, computed once.</summary>
    public abstract float[] Constants(Normalization normalization);

    /// <summary>Writes one example's normalized values.</summary>
    public abstract void Fill(int row, ReadOnlySpan<float> constants, Span<float> into);

    /// <summary>
    /// The normalized value of black, which images are padded with, or of white, in each channel. [C]
    /// </summary>
    public abstract float[] Shade(ReadOnlySpan<float> constants, bool white);
}
