namespace Retort.Export;

/// <summary>An axis whose size a graph leaves free, and the sizes at which the forward pass is recorded.</summary>
/// <param name="Name">batch, sequence, …</param>
/// <param name="First">The smaller size.</param>
/// <param name="Second">The larger size.</param>
sealed record FreeAxis(string Name, long First, long Second);

/// <summary>
/// The sizes at which a forward pass is recorded to find out how sizes depend on the free axes: every combination of a
/// smaller and a larger size of each, and one other combination to check the result.
/// </summary>
sealed class ProbeGrid
{
    const string Batch = "batch";

    readonly IReadOnlyList<long>? _check;

    ProbeGrid(IReadOnlyList<FreeAxis> axes, IReadOnlyList<long>? check) => (Axes, _check) = (axes, check);

    /// <summary>Batches of 2 and 3 examples and nothing else: for inputs of fixed sizes.</summary>
    public static ProbeGrid OfBatch { get; } = new([new(Batch, 2, 3)], null);

    /// <summary>The free axes, the batch first.</summary>
    public IReadOnlyList<FreeAxis> Axes { get; }

    /// <summary>As messages list them: batch or sequence.</summary>
    public string AxisNames => string.Join(" or ", Axes.Select(axis => axis.Name));

    /// <summary>
    /// The sizes of each recording, an entry an axis. In recording i the larger size is used of axis a where bit a of i
    /// is set; a check may follow.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<long>> Recordings
    {
        get
        {
            var grid = Enumerable.Range(0, 1 << Axes.Count).Select(i => (IReadOnlyList<long>)
                [.. Axes.Select((axis, a) => (i >> a & 1) == 1 ? axis.Second : axis.First)]);
            return _check is null ? [.. grid] : [.. grid, _check];
        }
    }

    /// <summary>The grid for these inputs: the batch, and each axis that varies, by its name.</summary>
    /// <exception cref="NotSupportedException">An axis varies that is never longer than 1.</exception>
    public static ProbeGrid Of(IReadOnlyList<TensorSpec> inputs)
    {
        var varying = inputs.SelectMany(input => input.Axes).Where(axis => axis.Size is null)
            .GroupBy(axis => axis.Name)
            .Select(axes => (Name: axes.Key, Max: axes.Min(axis => axis.MaxSize ?? long.MaxValue))).ToList();
        if (varying.Count == 0) return OfBatch;

        if (varying.FirstOrDefault(axis => axis.Max < 2) is { Name: { } single }) throw new NotSupportedException(
            $"The network cannot be exported: its axis \"{single}\" varies and is never longer than 1.");
        var axes = varying.Select(axis => new FreeAxis(axis.Name, Math.Min(5, axis.Max - 1), Math.Min(7, axis.Max)));
        var check = varying.Select(axis => Math.Min(11, axis.Max));
        return new([new(Batch, 2, 3), .. axes], [4, .. check]);
    }

    /// <summary>A size as a polynomial of the free axes.</summary>
    /// <param name="values">Its value in each recording.</param>
    /// <returns>Null where no such polynomial has these values.</returns>
    public GraphSize? Fit(IReadOnlyList<long> values)
    {
        var coefficients = values.Take(1 << Axes.Count).ToArray();
        for (var a = 0; a < Axes.Count; a++)
        {
            var (first, step) = (Axes[a].First, Axes[a].Second - Axes[a].First);
            for (var low = 0; low < coefficients.Length; low++)
            {
                var high = low | 1 << a;
                if (high == low) continue;
                var rise = coefficients[high] - coefficients[low];
                if (rise % step != 0) return null;
                coefficients[high] = rise / step;
                coefficients[low] -= coefficients[high] * first;
            }
        }
        var size = new GraphSize(coefficients);
        return _check is null || size.At(_check) == values[^1] ? size : null;
    }

    /// <summary>Sizes in words: <c>batch 2, sequence 5</c>.</summary>
    public string Text(IReadOnlyList<long> sizes) => string.Join(", ", Axes.Zip(sizes).Select(
        pair => Invariant($"{pair.First.Name} {pair.Second}")));
}
