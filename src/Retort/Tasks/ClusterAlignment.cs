using System.Numerics.Tensors;

namespace Retort.Tasks;

/// <summary>
/// How well clusters of embeddings match classes (Koohpayegani et al., arXiv:2010.14713): k-means on the training
/// split's embeddings of length 1, as many clusters as classes, each mapped to a class of its own so that the sum of
/// the clusters' precisions on the training split is highest.
/// </summary>
static class ClusterAlignment
{
    const int Iterations = 20;
    const int Seed = 1;

    /// <summary>The share of a split's labelled examples whose cluster is mapped to their class.</summary>
    /// <param name="training">The embeddings and labels of the training split.</param>
    /// <param name="split">The split that is scored.</param>
    /// <param name="classes">The number of classes, and of clusters.</param>
    public static double Accuracy(Predictions training, Predictions split, int classes)
    {
        var rows = UnitRows(training);
        var centers = Centers(rows, training.Width, Math.Min(classes, training.Count));
        var counts = new int[classes, classes];
        Count(Assign(rows, centers, training.Width), training.Labels, counts);
        var map = Map(counts);

        var clusters = Assign(UnitRows(split), centers, split.Width);
        var labelled = Enumerable.Range(0, split.Count).Where(i => split.Labels[i] >= 0).ToList();
        return labelled.Count == 0 ? 0
            : (double)labelled.Count(i => map[clusters[i]] == split.Labels[i]) / labelled.Count;
    }

    /// <summary>The class of each cluster: one to one, with the highest sum of |i ∩ j| / |i|.</summary>
    /// <param name="counts">Examples by cluster and class. [C, C]</param>
    public static int[] Map(int[,] counts)
    {
        var classes = counts.GetLength(0);
        var precisions = new double[classes, classes];
        for (var i = 0; i < classes; i++)
        {
            var size = Enumerable.Range(0, classes).Sum(j => counts[i, j]);
            for (var j = 0; j < classes; j++) precisions[i, j] = (double)counts[i, j] / Math.Max(size, 1);
        }
        return Assignment.Best(precisions);
    }

    static void Count(int[] clusters, long[] labels, int[,] counts)
    {
        for (var i = 0; i < clusters.Length; i++)
            if (labels[i] >= 0) counts[clusters[i], labels[i]]++;
    }

    // Lloyd's algorithm from examples drawn without replacement; an empty cluster keeps its center. [k, D]
    static float[] Centers(float[] rows, int width, int count)
    {
        var random = new RandomStream(Seed, StreamKey.Clustering);
        var first = random.Permutation(rows.Length / width)[..count];
        var centers = first.SelectMany(row => rows[(row * width)..((row + 1) * width)]).ToArray();
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            var clusters = Assign(rows, centers, width);
            var sums = new double[centers.Length];
            var sizes = new int[count];
            for (var i = 0; i < clusters.Length; i++)
            {
                sizes[clusters[i]]++;
                for (var d = 0; d < width; d++) sums[clusters[i] * width + d] += rows[i * width + d];
            }
            for (var c = 0; c < centers.Length; c++)
                if (sizes[c / width] > 0) centers[c] = (float)(sums[c] / sizes[c / width]);
        }
        return centers;
    }

    // the nearest center of each row, of equal ones the first: it has the largest x · c - ½ |c|². [N]
    static int[] Assign(float[] rows, float[] centers, int width)
    {
        var clusters = new int[rows.Length / width];
        var halves = new float[centers.Length / width];
        for (var c = 0; c < halves.Length; c++) halves[c] = TensorPrimitives.SumOfSquares<float>(Center(c)) / 2;
        Parallel.For(0, clusters.Length, i =>
        {
            var best = float.NegativeInfinity;
            for (var c = 0; c < halves.Length; c++)
            {
                var score = TensorPrimitives.Dot(rows.AsSpan(i * width, width), Center(c)) - halves[c];
                if (score <= best) continue;

                (best, clusters[i]) = (score, c);
            }
        });
        return clusters;

        ReadOnlySpan<float> Center(int c) => centers.AsSpan(c * width, width);
    }

    static float[] UnitRows(Predictions split)
    {
        var rows = new float[split.Values.Length];
        for (var i = 0; i < split.Count; i++)
            TensorPrimitives.Divide(
                split.Row(i), Math.Max(TensorPrimitives.Norm(split.Row(i)), 1e-12f), rows.AsSpan(i * split.Width));
        return rows;
    }
}
