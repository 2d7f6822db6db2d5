using System.Security.Cryptography;
using Retort.Runtime.Features;

namespace Retort.Data;

/// <summary>
/// A whole set in memory, in the order of its files: training examples first, then validation, then test. A row is an
/// example's place in that order and its id.
/// </summary>
public abstract class Examples
{
    /// <summary>What a report calls it.</summary>
    public required string Name { get; init; }

    /// <summary>The classes' names, in the order of their numbers.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Class numbers. [N]</summary>
    public required IReadOnlyList<int> Labels { get; init; }

    /// <summary>Examples that the files set apart for validation; 0 where they do not.</summary>
    public int OwnValidation { get; init; }

    /// <summary>Examples that the files set apart for the test; 0 where they do not.</summary>
    public int OwnTest { get; init; }

    /// <summary>N.</summary>
    public int Count => Labels.Count;

    /// <summary>What a network calls this input.</summary>
    public abstract string Input { get; }

    /// <summary>Channels, height and width; features are channels of one pixel.</summary>
    public abstract ImageSize Size { get; }

    /// <summary>What stands for white in the files of pictures; null where nothing does.</summary>
    public virtual double? White => null;

    /// <summary>Mean and deviation, channel by channel, over these rows.</summary>
    public abstract Normalization Measure(ReadOnlySpan<int> rows);

    /// <summary>What <see cref="Fill"/> needs in order not to compute it for each number.</summary>
    public abstract float[] Constants(Normalization normalization);

    /// <summary>One example's numbers, normalised.</summary>
    public abstract void Fill(int row, ReadOnlySpan<float> constants, Span<float> into);

    /// <summary>The normalised value of black, which a picture is padded with, or of white, in each channel. [C]</summary>
    public abstract float[] Shade(ReadOnlySpan<float> constants, bool white);

    /// <summary>All numbers of all examples.</summary>
    public abstract void AppendTo(IncrementalHash hash);

    /// <summary>One part of it.</summary>
    internal abstract ExampleSplit Part(SplitSpec plan);
}
