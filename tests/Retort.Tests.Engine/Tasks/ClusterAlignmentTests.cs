using Retort.Tasks;

namespace Retort.Tests.Tasks;

/// <summary>Clusters that are mapped to classes by their precision.</summary>
public sealed class ClusterAlignmentTests
{
    [Fact] // the identity has 19 of 30; the largest of each row, (0, 0, 2), would have 20 and is not one to one
    public void Each_cluster_gets_a_class_of_its_own()
    {
        int[,] counts = { { 6, 2, 2 }, { 5, 4, 1 }, { 0, 1, 9 } };
        Assert.Equal([0, 1, 2], ClusterAlignment.Map(counts));
        Assert.Equal(19 / 30.0, Share(counts), 12);
    }

    [Fact] // .9 + .4 against .1 + .6, so 49 of 110; by counts it would be 61
    public void The_map_has_the_highest_precisions_not_the_most_examples()
    {
        int[,] counts = { { 9, 1 }, { 60, 40 } };
        Assert.Equal([0, 1], ClusterAlignment.Map(counts));
        Assert.Equal(49 / 110.0, Share(counts), 12);
    }

    [Fact] // all 720 maps are tried
    public void The_assignment_is_the_best_of_all()
    {
        var random = new RandomStream(3, StreamKey.Data);
        for (var trial = 0; trial < 20; trial++)
        {
            var scores = new double[6, 6];
            for (var i = 0; i < 36; i++) scores[i / 6, i % 6] = random.Uniform() - 0.5;
            var best = Permutations([0, 1, 2, 3, 4, 5]).Max(map => Sum(scores, map));
            Assert.Equal(best, Sum(scores, Assignment.Best(scores)), 12);
        }
    }

    [Fact] // three directions, lengths that differ tenfold; one example of the test split lies in another class's
    public void Clusters_are_found_on_embeddings_of_length_one_and_mapped_by_the_training_split()
    {
        float[] training = [1, 0.1f, 10, 0.2f, -0.1f, 1, 0.2f, 10, -1, -1, -9, -10];
        var known = TaskData.Embeddings(training, 2, [2, 2, 0, 0, 1, 1]);
        Assert.Equal(1, ClusterAlignment.Accuracy(known, known, classes: 3));
        Assert.Equal(0.5, ClusterAlignment.Accuracy(
            known, TaskData.Embeddings([5, 0, -3, -3, 0, 1], 2, [2, 2, -1]), classes: 3));
    }

    static double Share(int[,] counts)
    {
        var map = ClusterAlignment.Map(counts);
        return map.Select((column, row) => counts[row, column]).Sum() / (double)counts.Cast<int>().Sum();
    }

    static double Sum(double[,] scores, int[] map) => map.Select((column, row) => scores[row, column]).Sum();

    static IEnumerable<int[]> Permutations(int[] values) => values.Length == 1 ? [values]
        : values.SelectMany(first => Permutations([.. values.Where(value => value != first)])
            .Select(rest => (int[])[first, .. rest]));
}
