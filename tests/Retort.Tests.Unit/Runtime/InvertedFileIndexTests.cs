using Retort.Runtime.Knowledge;

namespace Retort.Tests.Runtime;

/// <summary>An index finds what an exact search finds: all of it with all lists, most of it with few.</summary>
public sealed class InvertedFileIndexTests
{
    const int K = 5;

    [Theory]
    [InlineData(KeyType.Float32)]
    [InlineData(KeyType.Float16)]
    [InlineData(KeyType.Int8)]
    public void With_all_lists_the_search_is_exact(KeyType type)
    {
        using var random = KnowledgeBase.Open(KnowledgeBaseTests.Written(KnowledgeBaseTests.Random(900, 16)));
        using var knowledge = KnowledgeBase.Open(
            KnowledgeBaseTests.Written(KnowledgeBaseBuilder.From(random, type)));
        var index = InvertedFileIndex.Build(knowledge, probes: 1000);
        Assert.Equal((30, 30), (index.Lists, index.Probes));
        Assert.Equal(1, index.Recall(K));
        foreach (var query in Queries(16))
        {
            var (exact, found) = (new Neighbor[K], new Neighbor[K]);
            Assert.Equal((K, K), (knowledge.Search(query, exact), index.Search(query, found)));
            Assert.Equal(exact, found);
        }
    }

    [Fact] // twenty groups of directions: the nearest rows are in a query's own group
    public void Few_lists_find_nearly_all_where_keys_form_clusters()
    {
        using var knowledge = KnowledgeBase.Open(KnowledgeBaseTests.Written(Groups(2000, groups: 20, noise: 0.1)));
        var index = InvertedFileIndex.Build(knowledge, probes: 4, lists: 20);
        var recall = index.Recall(K);
        Assert.Equal((1, 1), (index.WithProbes(1).Probes, index.WithProbes(20).Recall(K)));
        Assert.InRange(recall, 0.9, 1);

        var one = InvertedFileIndex.Build(knowledge, probes: 1, lists: 100).Recall(K);
        Assert.InRange(one, 0.1, recall - 0.1);                            // one of several lists of a group
    }

    [Fact]
    public void The_same_base_gives_the_same_index_with_any_number_of_threads()
    {
        using var knowledge = KnowledgeBase.Open(KnowledgeBaseTests.Written(KnowledgeBaseTests.Random(900, 16)));
        var (one, three) = (InvertedFileIndex.Build(knowledge, 2), InvertedFileIndex.Build(knowledge, 2, threads: 3));
        foreach (var query in Queries(16))
        {
            var (first, second) = (new Neighbor[K], new Neighbor[K]);
            Assert.Equal(one.Search(query, first), three.Search(query, second));
            Assert.Equal(first, second);
        }
    }

    [Fact]
    public void Short_lists_are_followed_by_others_until_k_rows_are_found()
    {
        using var knowledge = KnowledgeBase.Open(KnowledgeBaseTests.Written(KnowledgeBaseTests.Random(30, 4)));
        var index = InvertedFileIndex.Build(knowledge, probes: 1, lists: 30);
        var found = new Neighbor[40];
        Assert.Equal(30, index.Search([1, 0, 0, 0], found));
        Assert.Equal(Enumerable.Range(0, 30), found[..30].Select(row => row.Row).Order());
        Assert.Equal(found[..30].OrderByDescending(row => row.Similarity), found[..30]);
        Assert.Equal(8, index.Search([1, 0, 0, 0], found.AsSpan(0, 8)));
        Assert.Equal(0, index.Search([1, 0, 0, 0], []));
    }

    [Fact]
    public void What_cannot_be_indexed_or_searched_is_refused()
    {
        using var knowledge = KnowledgeBase.Open(KnowledgeBaseTests.Written(KnowledgeBaseTests.Random(9, 4)));
        Assert.Throws<ArgumentOutOfRangeException>(() => InvertedFileIndex.Build(knowledge, probes: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => InvertedFileIndex.Build(knowledge, lists: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => InvertedFileIndex.Build(knowledge, lists: 10));
        Assert.Throws<ArgumentException>(() => InvertedFileIndex.Build(knowledge).Search([1, 0], new Neighbor[1]));
    }

    static KnowledgeBaseBuilder Groups(int rows, int groups, double noise)
    {
        const int Width = 16;
        var random = new RandomStream(5, StreamKey.Data);
        var centers = Enumerable.Range(0, groups).Select(_ => KnowledgeBaseTests.Normal(ref random, Width)).ToList();
        var builder = new KnowledgeBaseBuilder(Width, 2, new(K, 0.5, 1));
        for (var row = 0; row < rows; row++)
        {
            var key = KnowledgeBaseTests.Normal(ref random, Width);
            for (var d = 0; d < Width; d++) key[d] = centers[row % groups][d] + (float)noise * key[d];
            builder.Add(key, [1, 0], row);
        }
        return builder;
    }

    static IEnumerable<float[]> Queries(int width)
    {
        var random = new RandomStream(6, StreamKey.Data);
        return [.. Enumerable.Range(0, 20).Select(_ => KnowledgeBaseTests.Normal(ref random, width))];
    }
}
