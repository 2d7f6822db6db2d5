using Retort.Runtime.Metrics;

namespace Retort.Tests.Metrics;

/// <summary>k-NN by cosine: who is near, how they vote, what decides a tie.</summary>
public sealed class NearestNeighborsTests
{
    // directions at slopes .1, .2, .3 from the query's (1, 0)
    static readonly float[] Memory = [1, 0.1f, 1, 0.2f, 1, 0.3f];

    static double Accuracy(long label, long[] memoryLabels, int k) =>
        NearestNeighbors.Accuracy([1, 0], [label], Memory, memoryLabels, 2, k);

    [Fact]
    public void The_nearest_decides_alone_and_three_by_their_majority()
    {
        Assert.Equal(1, Accuracy(0, [0, 1, 1], k: 1));
        Assert.Equal(1, Accuracy(1, [0, 1, 1], k: 3));
    }

    [Fact] // one vote each for 5 and 2
    public void Of_equal_votes_the_nearest_decides()
    {
        Assert.Equal(1, Accuracy(5, [5, 2, 2], k: 2));
        Assert.Equal(1, Accuracy(2, [2, 5, 5], k: 2));
    }

    [Fact] // both are in the query's direction: the first of the memory is the neighbor
    public void Of_equal_similarities_the_earlier_is_nearer()
    {
        Assert.Equal(1, NearestNeighbors.Accuracy([1, 0], [7], [2, 0, 4, 0], [7, 3], 2, 1));
        Assert.Equal(0, NearestNeighbors.Accuracy([1, 0], [3], [2, 0, 4, 0], [7, 3], 2, 1));
    }

    [Fact] // (100, 1) is farther from (1, 0) than (0, 1) is, and its angle is smaller
    public void Lengths_do_not_count() =>
        Assert.Equal(1, NearestNeighbors.Accuracy([1, 0], [0], [100, 1, 0, 1], [0, 1], 2, 1));

    [Fact] // the nearest is unknown and does not vote; the unknown query is not counted
    public void Unknown_labels_are_left_out_on_both_sides()
    {
        Assert.Equal(1, Accuracy(1, [-1, 1, 1], k: 1));
        Assert.Equal(1, NearestNeighbors.Accuracy([1, 0, 0, 1], [0, -1], Memory, [0, 1, 1], 2, 1));
        Assert.Equal(0, NearestNeighbors.Accuracy([1, 0], [-1], Memory, [0, 1, 1], 2, 1));
    }

    // a (1, 0) is 0, b (1, .1) is 1, c (0, 1) is 0. a: b, then c: one vote each, b decides, wrong. b: a, then c: wrong.
    // c: b, then a: one vote each, b decides, wrong. Were each its own neighbor too, a and c would be right.
    [Theory]
    [InlineData(2)]
    [InlineData(20)]
    public void Left_out_none_is_its_own_neighbor_however_large_k_is(int k)
    {
        float[] values = [1, 0, 1, 0.1f, 0, 1];
        long[] labels = [0, 1, 0];
        Assert.Equal(0, NearestNeighbors.Accuracy(values, labels, values, labels, 2, k, leaveOneOut: true));
    }

    [Fact]
    public void An_example_without_a_neighbor_counts_as_wrong() =>
        Assert.Equal(0, NearestNeighbors.Accuracy([1, 0], [0], [1, 0], [0], 2, 1, leaveOneOut: true));
}
