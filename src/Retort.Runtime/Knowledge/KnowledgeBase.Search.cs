using System.Numerics.Tensors;

namespace Retort.Runtime.Knowledge;

public sealed unsafe partial class KnowledgeBase
{
    const int BytesForThreads = 8 << 20;                    // below, one thread is as fast: 8 MB take about 1 ms

    /// <summary>
    /// Finds the rows whose keys are most similar to a query by cosine: the most similar first, of equal ones the lower
    /// row.
    /// </summary>
    /// <param name="query">Of any length; it is divided by it. [D]</param>
    /// <param name="nearest">Receives the rows; its length is k.</param>
    /// <param name="exceptId">The id of rows that are left out.</param>
    /// <returns>How many rows were found: k, or all that there are.</returns>
    /// <exception cref="ArgumentException">The query has another width, or is not finite.</exception>
    public int Search(ReadOnlySpan<float> query, Span<Neighbor> nearest, long? exceptId = null)
    {
        var unit = Unit(query);
        using var map = new Map(_view);
        var chunks = (int)Math.Min(_threads, (long)Rows * Width * _header.KeyBytes / BytesForThreads);
        if (chunks <= 1) return Search(map.Start, unit, 0, Rows, nearest, exceptId);

        var (start, k, found) = ((nint)map.Start, nearest.Length, new Neighbor[chunks][]);
        Parallel.For(0, chunks, new() { MaxDegreeOfParallelism = _threads }, chunk =>
        {
            var room = new Neighbor[Math.Min(k, Rows)];
            var (from, to) = ((int)((long)Rows * chunk / chunks), (int)((long)Rows * (chunk + 1) / chunks));
            found[chunk] = room[..Search((byte*)start, unit, from, to, room, exceptId)];
        });
        var best = new Nearest(nearest);
        foreach (var neighbor in found.SelectMany(part => part)) best.Add(neighbor);
        return best.Count;
    }

    int INeighborSearch.Search(ReadOnlySpan<float> query, Span<Neighbor> nearest) => Search(query, nearest);

    /// <summary>
    /// Compares a query with some rows, and puts those that are nearer into the rows that were found before.
    /// </summary>
    /// <param name="unit">The query, of length 1. [D]</param>
    /// <param name="rows">The rows.</param>
    /// <param name="nearest">Rows found before, in order; its length is k.</param>
    /// <param name="found">How many there are.</param>
    /// <returns>How many there are now.</returns>
    internal int Search(ReadOnlySpan<float> unit, ReadOnlySpan<int> rows, Span<Neighbor> nearest, int found)
    {
        if (nearest.IsEmpty) return 0;

        using var map = new Map(_view);
        var best = new Nearest(nearest, found);
        var scratch = Scratch();
        foreach (var row in rows) best.Add(new(row, Similarity(map.Start, row, unit, scratch)));
        return best.Count;
    }

    /// <summary>A query divided by its length; one of zeros stays so, and is as similar to every key. [D]</summary>
    internal float[] Unit(ReadOnlySpan<float> query)
    {
        if (query.Length != Width) throw new ArgumentException(Invariant(
            $"A query of {Path} has {Width} numbers; {query.Length} came."), nameof(query));
        var norm = Math.Sqrt(TensorPrimitives.SumOfSquares(query));
        if (!double.IsFinite(norm)) throw new ArgumentException(
            "A query must hold finite numbers of ordinary size.", nameof(query));

        var unit = new float[Width];
        TensorPrimitives.Divide(query, (float)Math.Max(norm, 1e-30), unit);
        return unit;
    }

    int Search(
        byte* start, ReadOnlySpan<float> unit, int from, int to, Span<Neighbor> nearest, long? exceptId)
    {
        if (nearest.IsEmpty) return 0;

        var best = new Nearest(nearest);
        var scratch = Scratch();
        var ids = exceptId is null ? [] : Section<long>(start, _header.IdsAt, 0, Rows);
        for (var row = from; row < to; row++)
        {
            if (exceptId is not null && ids[row] == exceptId) continue;

            best.Add(new(row, Similarity(start, row, unit, scratch)));
        }
        return best.Count;
    }

    float[] Scratch() => KeyType == KeyType.Float32 ? [] : new float[Width];

    float Similarity(byte* start, int row, ReadOnlySpan<float> unit, float[] scratch)
    {
        var similarity = KeyRows.Dot(KeyType, KeyAt(start, row), unit, scratch);
        return KeyType == KeyType.Int8 ? similarity * ScaleAt(start, row) : similarity;
    }
}
