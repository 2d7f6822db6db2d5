namespace Retort.Teachers.Cache;

/// <summary>
/// The axis of a teacher's inputs whose size varies from batch to batch. Outputs that follow it are stored at its
/// largest size, padded with 0.
/// </summary>
/// <param name="Input">The input that has it.</param>
/// <param name="Axis">Its position there.</param>
/// <param name="MaxLength">The largest size.</param>
sealed record SequenceAxis(string Input, int Axis, int MaxLength)
{
    /// <summary>The axis named sequence of a teacher's inputs; null where no such axis varies.</summary>
    public static SequenceAxis? Find(IReadOnlyList<TensorSpec> inputs)
    {
        foreach (var input in inputs)
            for (var i = 0; i < input.Axes.Count; i++)
                if (input.Axes[i] is { Size: null, Name: OutputKey.Sequence } axis)
                    return new(input.Name, i, checked((int)axis.Most));
        return null;
    }

    /// <summary>The size in a batch: its longest example.</summary>
    public int LengthIn(Inputs inputs)
    {
        var length = inputs[Input].shape[Axis + 1];
        return length <= MaxLength ? (int)length : throw new InvalidOperationException(Invariant(
            $"A batch's {Input} is {length} long; the data's largest length is {MaxLength}."));
    }

    /// <summary>
    /// Copies one example between shapes that differ in size along some axes: what both have is copied, the rest of the
    /// destination stays as it is.
    /// </summary>
    public static void Copy(
        ReadOnlySpan<float> from, ReadOnlySpan<int> fromShape, Span<float> to, ReadOnlySpan<int> toShape)
    {
        if (fromShape.SequenceEqual(toShape))
        {
            from.CopyTo(to);
            return;
        }
        var (fromStride, toStride) = (from.Length / fromShape[0], to.Length / toShape[0]);
        for (var i = 0; i < Math.Min(fromShape[0], toShape[0]); i++)
        {
            var row = from.Slice(i * fromStride, fromStride);
            Copy(row, fromShape[1..], to.Slice(i * toStride, toStride), toShape[1..]);
        }
    }

    /// <summary>Writes 0 at one index of an axis.</summary>
    public static void Clear(Span<float> values, ReadOnlySpan<int> shape, int axis, int index)
    {
        var inner = 1;
        foreach (var size in shape[(axis + 1)..]) inner *= size;
        for (var at = index * inner; at < values.Length; at += shape[axis] * inner) values.Slice(at, inner).Clear();
    }
}
