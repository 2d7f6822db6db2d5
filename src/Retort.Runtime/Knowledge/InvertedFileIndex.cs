using System.Numerics.Tensors;

namespace Retort.Runtime.Knowledge;

/// <summary>
/// An approximate search for large knowledge bases: an inverted file. Each key is in the list of the centroid nearest
/// to it; a query compares itself with the keys of the few lists whose centroids are nearest to it.
/// </summary>
/// <remarks>
/// Source: Jégou, Douze, Schmid, Product Quantization for Nearest Neighbor Search, 2011, section IV, without the
/// quantization: similarities are exact, but rows of other lists are missed. <see cref="Recall"/> measures how many.
/// The keys stay in the base, which must be open for as long as the index is used.
/// </remarks>
public sealed class InvertedFileIndex : INeighborSearch
{
    readonly KnowledgeBase _knowledge;
    readonly Centroids _centroids;
    readonly int[][] _lists;

    InvertedFileIndex(KnowledgeBase knowledge, Centroids centroids, int[][] lists, int probes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(probes, 1);
        (_knowledge, _centroids, _lists) = (knowledge, centroids, lists);
        Probes = Math.Min(probes, Lists);
    }

    /// <summary>How many lists there are.</summary>
    public int Lists => _lists.Length;

    /// <summary>How many lists a query is compared with: more find more of the nearest rows and take longer.</summary>
    public int Probes { get; }

    /// <summary>
    /// Builds an index. 100,000 rows of 384 numbers take about three seconds on two threads. The same base gives the
    /// same index.
    /// </summary>
    /// <param name="knowledge">The base.</param>
    /// <param name="probes">How many lists a query is compared with; all of them make the search exact.</param>
    /// <param name="lists">How many lists; unless given, the square root of the number of rows.</param>
    /// <param name="threads">Threads that build it; the result is the same.</param>
    public static InvertedFileIndex Build(KnowledgeBase knowledge, int probes = 8, int? lists = null, int threads = 1)
    {
        ArgumentNullException.ThrowIfNull(knowledge);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var count = lists ?? (int)Math.Round(Math.Sqrt(knowledge.Rows));
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(lists));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, knowledge.Rows, nameof(lists));

        var centroids = Centroids.Fit(knowledge, count, threads);
        var nearest = centroids.NearestOf(knowledge, Enumerable.Range(0, knowledge.Rows).ToArray(), threads);
        var rows = Enumerable.Range(0, knowledge.Rows).ToLookup(row => nearest[row]);
        return new(
            knowledge, centroids, [.. Enumerable.Range(0, count).Select(list => rows[list].ToArray())], probes);
    }

    /// <summary>The same lists, of which a query is compared with another number.</summary>
    public InvertedFileIndex WithProbes(int probes) => new(_knowledge, _centroids, _lists, probes);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The query has another width than the base, or is not finite.</exception>
    public int Search(ReadOnlySpan<float> query, Span<Neighbor> nearest)
    {
        var unit = _knowledge.Unit(query);
        var (probed, found) = (0, 0);
        for (var count = Probes; ; count = Lists)           // once more where the first lists hold fewer than k rows
        {
            var order = new Neighbor[count];
            _centroids.Search(unit, order);
            for (; probed < count && (probed < Probes || found < nearest.Length); probed++)
                found = _knowledge.Search(unit, _lists[order[probed].Row], nearest, found);
            if (found == nearest.Length || count == Lists) return found;
        }
    }

    /// <summary>
    /// The share of the rows which an exact search finds that this index finds, too, from 0 to 1: a mean over keys at
    /// equal distances in the base, each of which is looked up without itself.
    /// </summary>
    /// <param name="neighbors">k: how many rows are looked for.</param>
    /// <param name="queries">How many keys are looked up.</param>
    public double Recall(int neighbors = 10, int queries = 100)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(neighbors, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(queries, 1);
        var (exact, found) = (new Neighbor[neighbors + 1], new Neighbor[neighbors + 1]);
        var key = new float[_knowledge.Width];
        var (expected, hits) = (0L, 0L);
        for (var i = 0; i < queries; i++)
        {
            var row = (int)((long)i * _knowledge.Rows / queries);
            _knowledge.CopyKey(row, key);
            var others = Others(exact.AsSpan(0, _knowledge.Search(key, exact)), row);
            var same = Others(found.AsSpan(0, Search(key, found)), row);
            expected += others.Count;
            hits += others.Count(same.Contains);
        }
        return expected == 0 ? 1 : (double)hits / expected;

        HashSet<int> Others(ReadOnlySpan<Neighbor> all, int row)
        {
            var rows = new HashSet<int>();
            foreach (var neighbor in all)
                if (neighbor.Row != row && rows.Count < neighbors) rows.Add(neighbor.Row);
            return rows;
        }
    }

    /// <summary>Vectors of length 1 that the keys gather around.</summary>
    /// <param name="values">[lists, D]</param>
    /// <param name="width">D.</param>
    sealed class Centroids(float[] values, int width)
    {
        const int Iterations = 6;
        const int Seed = 1;
        const int RowsOfEach = 32;                          // enough for stable means, and quicker than all rows

        int Count => values.Length / width;

        /// <summary>
        /// Spherical k-means over some of the rows, from the first of them: a centroid moves to the mean of its keys,
        /// divided by its length. One without keys stays.
        /// </summary>
        public static Centroids Fit(KnowledgeBase knowledge, int count, int threads)
        {
            var all = Enumerable.Range(0, knowledge.Rows).ToArray();
            new Random(Seed).Shuffle(all);
            var rows = all[..(int)Math.Min(knowledge.Rows, (long)count * RowsOfEach)];
            var width = knowledge.Width;
            var centroids = new Centroids(new float[count * width], width);
            for (var list = 0; list < count; list++) knowledge.CopyKey(rows[list], centroids.Of(list));
            for (var iteration = 0; iteration < Iterations; iteration++)
                centroids.Move(knowledge, rows, centroids.NearestOf(knowledge, rows, threads));
            return centroids;
        }

        /// <summary>The list of each row. [rows]</summary>
        public int[] NearestOf(KnowledgeBase knowledge, int[] rows, int threads)
        {
            var nearest = new int[rows.Length];
            ParallelOptions options = new() { MaxDegreeOfParallelism = threads };
            Parallel.For(0, rows.Length, options, () => new float[width], (i, _, key) =>
            {
                knowledge.CopyKey(rows[i], key);
                Span<Neighbor> best = stackalloc Neighbor[1];
                Search(key, best);
                nearest[i] = best[0].Row;
                return key;
            }, _ => { });
            return nearest;
        }

        /// <summary>The centroids nearest to a vector of length 1, as rows.</summary>
        public void Search(ReadOnlySpan<float> unit, Span<Neighbor> into)
        {
            var best = new Nearest(into);
            for (var list = 0; list < Count; list++) best.Add(new(list, TensorPrimitives.Dot(Of(list), unit)));
        }

        void Move(KnowledgeBase knowledge, int[] rows, int[] nearest)
        {
            var sums = new float[values.Length];
            var key = new float[width];
            for (var i = 0; i < rows.Length; i++)
            {
                knowledge.CopyKey(rows[i], key);
                var sum = sums.AsSpan(nearest[i] * width, width);
                TensorPrimitives.Add(sum, key, sum);
            }
            for (var list = 0; list < Count; list++)
            {
                var sum = sums.AsSpan(list * width, width);
                var length = TensorPrimitives.Norm<float>(sum);
                if (length > 1e-6f) TensorPrimitives.Divide(sum, length, Of(list));
            }
        }

        Span<float> Of(int list) => values.AsSpan(list * width, width);
    }
}
