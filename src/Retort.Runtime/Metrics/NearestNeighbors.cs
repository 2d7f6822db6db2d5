using System.Numerics.Tensors;

namespace Retort.Runtime.Metrics;

/// <summary>k-nearest-neighbor classification of embeddings by cosine similarity.</summary>
public static class NearestNeighbors
{
    /// <summary>
    /// The share of examples whose k nearest examples of the memory vote for their label; of equal votes the nearest
    /// decides, of equal similarities the earlier. Without any neighbor an example counts as wrong.
    /// </summary>
    /// <param name="queries">Row by row. [N, D]</param>
    /// <param name="queryLabels">Class numbers; −1 is left out. [N]</param>
    /// <param name="memory">Row by row. [M, D]</param>
    /// <param name="memoryLabels">Class numbers; −1 is left out. [M]</param>
    /// <param name="width">D.</param>
    /// <param name="k">Neighbors.</param>
    /// <param name="leaveOneOut">
    /// Whether memory and queries are the same examples, so that none is its own neighbor.
    /// </param>
    public static double Accuracy(
        float[] queries, long[] queryLabels, float[] memory, long[] memoryLabels, int width, int k,
        bool leaveOneOut = false)
    {
        var (unitQueries, unitMemory) = (UnitRows(queries, width), UnitRows(memory, width));
        var known = Enumerable.Range(0, memoryLabels.Length).Where(i => memoryLabels[i] >= 0).ToArray();
        var labelled = Enumerable.Range(0, queryLabels.Length).Where(i => queryLabels[i] >= 0).ToArray();
        var right = labelled.AsParallel().Count(i => Vote(i) == queryLabels[i]);
        return labelled.Length == 0 ? 0 : (double)right / labelled.Length;

        long Vote(int query)
        {
            var row = unitQueries.AsSpan(query * width, width);
            var neighbors = new List<(float Distance, int Index)>(known.Length);
            foreach (var index in known)
                if (!leaveOneOut || index != query)
                    neighbors.Add((-TensorPrimitives.Dot(row, unitMemory.AsSpan(index * width, width)), index));
            if (neighbors.Count == 0) return -1;

            neighbors.Sort();
            return neighbors.Take(k).Select((one, rank) => (Label: memoryLabels[one.Index], rank))
                .GroupBy(one => one.Label).OrderByDescending(group => group.Count())
                .ThenBy(group => group.Min(one => one.rank))
                .First().Key;
        }
    }

    static float[] UnitRows(float[] values, int width)
    {
        var unit = new float[values.Length];
        for (var at = 0; at < values.Length; at += width)
        {
            var row = values.AsSpan(at, width);
            TensorPrimitives.Divide(row, Math.Max(TensorPrimitives.Norm(row), 1e-12f), unit.AsSpan(at, width));
        }
        return unit;
    }
}
