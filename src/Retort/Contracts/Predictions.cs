namespace Retort.Contracts;

/// <summary>A network's scored output on one split, stored so that every score can be computed again.</summary>
public sealed class Predictions
{
    /// <summary>The name of the output: <c>logits</c>, <c>embedding</c>.</summary>
    public required string Output { get; init; }

    /// <summary>The output, row by row. [N, D]</summary>
    public required float[] Values { get; init; }

    /// <summary>D: values in a row.</summary>
    public required int Width { get; init; }

    /// <summary>Class indices; -1 where the label is unknown. [N]</summary>
    public required long[] Labels { get; init; }

    /// <summary>Labels of 0 and 1, or values; NaN where unknown. Null where the data has neither. [N, C]</summary>
    public float[]? Targets { get; init; }

    /// <summary>The examples' ids in their data set. [N]</summary>
    public required long[] Ids { get; init; }

    /// <summary>N.</summary>
    public int Count => Ids.Length;

    /// <summary>The output for one example. [D]</summary>
    public ReadOnlySpan<float> Row(int i) => Values.AsSpan(i * Width, Width);

    /// <summary>The outputs for these examples, on the CPU. [B, D]</summary>
    /// <param name="positions">Of the examples, from 0 to N - 1.</param>
    internal Tensor RowsOf(IReadOnlyList<int> positions)
    {
        var values = new float[positions.Count * Width];
        for (var i = 0; i < positions.Count; i++) Row(positions[i]).CopyTo(values.AsSpan(i * Width));
        return values.ToTensor(positions.Count, Width);
    }

    /// <summary>Whether both are of the same examples with the same targets, in the same order.</summary>
    public bool SameExamples(Predictions other) => Ids.AsSpan().SequenceEqual(other.Ids)
        && Labels.AsSpan().SequenceEqual(other.Labels)
        && (Targets ?? []).AsSpan().SequenceEqual(other.Targets ?? []);
}
