namespace Retort.Contracts;

/// <summary>A network's scored output on one split, kept so that every score can be computed again.</summary>
public sealed class Predictions
{
    /// <summary>Which output: <c>logits</c>, <c>embedding</c>.</summary>
    public required string Output { get; init; }

    /// <summary>Row by row. [N, D]</summary>
    public required float[] Values { get; init; }

    /// <summary>D: numbers a row.</summary>
    public required int Width { get; init; }

    /// <summary>Class numbers, -1 where a label is not known. [N]</summary>
    public required long[] Labels { get; init; }

    /// <summary>Labels of 0 and 1, or values, NaN where not known; null where the data has none. [N, C]</summary>
    public float[]? Targets { get; init; }

    /// <summary>The examples' ids in their data set. [N]</summary>
    public required long[] Ids { get; init; }

    /// <summary>N.</summary>
    public int Count => Ids.Length;

    /// <summary>One example's numbers. [D]</summary>
    public ReadOnlySpan<float> Row(int i) => Values.AsSpan(i * Width, Width);

    /// <summary>Whether both are of the same examples with the same targets, in the same order.</summary>
    public bool SameExamples(Predictions other) => Ids.AsSpan().SequenceEqual(other.Ids)
        && Labels.AsSpan().SequenceEqual(other.Labels)
        && (Targets ?? []).AsSpan().SequenceEqual(other.Targets ?? []);
}
