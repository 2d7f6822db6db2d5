using System.Security.Cryptography;
using Retort.Runtime.Features;

namespace Retort.Data;

/// <summary>
/// A whole data set in memory, in the order of its files: training examples first, then validation, then test, then
/// those without labels. A row is an example's position in that order, and its id.
/// </summary>
public abstract class Examples
{
    /// <summary>The data set's name in reports.</summary>
    public required string Name { get; init; }

    /// <summary>What was left out of the files, and why: a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What the targets are.</summary>
    public TargetKind Targets { get; init; }

    /// <summary>The classes' names, in the order of their indices.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>
    /// Labels of 0 and 1, or values, for each example; NaN where one is unknown. Null where the targets are classes.
    /// [N][C]
    /// </summary>
    public IReadOnlyList<float[]>? KnownTargets { get; init; }

    /// <summary>Names of a table's columns in the order of the input's values; null where it has none.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Class indices; -1 where the targets are no classes, and where there is no label. [N]</summary>
    public required IReadOnlyList<int> Labels { get; init; }

    /// <summary>How many examples the files set apart for validation; 0 where they do not.</summary>
    public int OwnValidation { get; init; }

    /// <summary>How many examples the files set apart for the test; 0 where they do not.</summary>
    public int OwnTest { get; init; }

    /// <summary>How many examples, the last ones, have no label: more training examples for the student.</summary>
    public int Unlabelled { get; init; }

    /// <summary>N.</summary>
    public int Count => Labels.Count;

    /// <summary>The input's name: <c>pixel_values</c> or <c>features</c>.</summary>
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

    /// <summary>Adds all values of all examples to a hash.</summary>
    public abstract void AppendTo(IncrementalHash hash);
}
