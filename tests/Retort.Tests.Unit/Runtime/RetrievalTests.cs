using Retort.Runtime.Knowledge;

namespace Retort.Tests.Runtime;

/// <summary>
/// Keys (1, 0), (0, 1), (-1, 0) with the values (.9, .1), (.2, .8), (.5, .5); the query is (1, 0), the student's
/// probabilities are (.4, .6), τ = 1. Numbers are stored in float32, so they hold to 1e-7.
/// </summary>
public sealed class RetrievalTests
{
    static KnowledgeBase Base(int neighbors, double weight) => KnowledgeBase.Open(KnowledgeBaseTests.Written(
        new KnowledgeBaseBuilder(2, 2, new(neighbors, weight, 1))
            .Add([1, 0], [.9f, .1f], 0).Add([0, 1], [.2f, .8f], 1).Add([-1, 0], [.5f, .5f], 2)));

    [Theory] // e, 1 and 1/e, divided by the sum of the first k
    [InlineData(1, new[] { 1.0 }, .9)]
    [InlineData(2, new[] { .7310585786, .2689414214 }, .7117410050)]
    [InlineData(3, new[] { .6652409558, .2447284711, .0900305732 }, .6926778411)]
    [InlineData(99, new[] { .6652409558, .2447284711, .0900305732 }, .6926778411)]
    public void Weights_are_a_softmax_over_the_retrieved_rows_alone(int k, double[] expected, double first)
    {
        using var knowledge = Base(k, 1);
        var nearest = new Neighbor[k];
        nearest = nearest[..knowledge.Search([1, 0], nearest)];
        var weights = new float[nearest.Length];
        Retrieval.Weights(nearest, 1, weights);
        Assert.Equal(expected.Length, weights.Length);
        foreach (var (weight, wanted) in weights.Zip(expected)) Assert.Equal(wanted, weight, 1e-7);
        var average = new float[2];
        Retrieval.Average(knowledge, nearest, weights, average);
        Assert.Equal(first, average[0], 1e-7);
        Assert.Equal(1 - first, average[1], 1e-7);
    }

    [Theory]
    [InlineData(2, 0, .4)]
    [InlineData(2, .5, .5558705025)]
    [InlineData(2, 1, .7117410050)]
    [InlineData(1, 1, .9)]
    [InlineData(99, 1, .6926778411)]
    public void The_prediction_is_the_weighted_average_blended_with_the_students(int k, double weight, double expected)
    {
        using var knowledge = Base(k, weight);
        float[] p = [.4f, .6f];
        Retrieval.Apply(knowledge, [5, 0], p);                              // its length does not matter
        Assert.Equal(expected, p[0], 1e-7);
        Assert.Equal(1 - expected, p[1], 1e-7);

        // as logits of many examples: their softmax is the blend
        float[] logits = [MathF.Log(.4f) + 2, MathF.Log(.6f) + 2, MathF.Log(.4f), MathF.Log(.6f)];
        var found = Retrieval.Logits(knowledge, logits, [5, 0, .1f, 0]);
        foreach (var row in found.Chunk(2))
        {
            Retrieval.Probabilities(row, p);
            Assert.Equal(expected, p[0], 1e-6);
        }
        if (weight == 0) Assert.Equal(logits, found);
    }

    [Fact] // without row 0 the nearest is row 1
    public void A_training_example_does_not_retrieve_itself()
    {
        using var knowledge = Base(1, 1);
        float[] p = [.4f, .6f];
        Retrieval.Apply(knowledge, [1, 0], p, exceptId: 0);
        Assert.Equal([.2f, .8f], p);
        Assert.Equal(
            MathF.Log(.2f), Retrieval.Logits(knowledge, [0, 0], [1, 0], ids: [0])[0], 1e-6f);
    }

    [Fact]
    public void A_probability_of_zero_has_a_finite_logarithm()
    {
        using var knowledge = KnowledgeBase.Open(KnowledgeBaseTests.Written(
            new KnowledgeBaseBuilder(1, 2, new(1, 1, 1)).Add([1], [1, 0], 0)));
        Assert.Equal([0, MathF.Log(1e-30f)], Retrieval.Logits(knowledge, [0, 0], [1]));
    }

    [Fact]
    public void Numbers_of_other_widths_are_refused()
    {
        using var knowledge = Base(1, 1);
        Assert.Throws<ArgumentException>(() => Retrieval.Logits(knowledge, [0, 0, 0], [1, 0]));
        Assert.Throws<ArgumentException>(() => Retrieval.Logits(knowledge, [0, 0], [1, 0, 0]));
    }
}
