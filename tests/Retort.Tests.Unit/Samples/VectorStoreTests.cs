using System.Linq.Expressions;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.VectorData;
using Retort.Runtime.Knowledge;
using Retort.Tests.Runtime;
using Sample.VectorStore;

namespace Retort.Tests.Samples;

/// <summary>The sample that searches a knowledge base's keys in a vector database.</summary>
public sealed class VectorStoreTests
{
    [Fact]
    public async Task A_collection_that_holds_the_keys_finds_what_the_base_finds()
    {
        using var knowledge = Base();
        using var rows = new MemoryCollection();
        await VectorStoreSearch.FillAsync(rows, knowledge, TestContext.Current.CancellationToken);
        Assert.Equal(knowledge.Rows, rows.Count);

        var search = new VectorStoreSearch(rows);
        foreach (var query in (float[][])[[1, 0, 0], [-2, 1, 0.5f], [0, 0.1f, 0.1f]])
            foreach (var k in (int[])[1, 5, 5000])
            {
                var (expected, found) = (new Neighbor[k], new Neighbor[k]);
                var count = knowledge.Search(query, expected);
                Assert.Equal(count, search.Search(query, found));
                Assert.Equal(expected.Select(one => one.Row), found.Select(one => one.Row));
                foreach (var (one, other) in expected.Zip(found)) Assert.Equal(one.Similarity, other.Similarity, 1e-5f);
            }
    }

    [Fact]
    public void Its_definition_has_the_width_of_the_keys()
    {
        using var knowledge = Base();
        var vector = VectorStoreSearch.Definition(knowledge).Properties.OfType<VectorStoreVectorProperty>().Single();
        Assert.Equal((3, DistanceFunction.CosineSimilarity), (vector.Dimensions, vector.DistanceFunction));
    }

    // more rows than are written at a time, and two that are equal
    static KnowledgeBase Base()
    {
        var random = new Random(5);
        var builder = new KnowledgeBaseBuilder(3, 2, new(5, 0.5, 1));
        for (var row = 0; row < 1200; row++)
            builder.Add([random.NextSingle() - 0.5f, random.NextSingle() - 0.5f, random.NextSingle()], [1, 0], row);
        builder.Add([1, 0, 0], [0, 1], 1200).Add([1, 0, 0], [0, 1], 1201);
        return KnowledgeBase.Open(KnowledgeBaseTests.Written(builder));
    }

    /// <summary>A vector database in memory: exact, by cosine.</summary>
    sealed class MemoryCollection : VectorStoreCollection<int, KnowledgeRow>
    {
        readonly Dictionary<int, KnowledgeRow> _rows = [];

        public int Count => _rows.Count;

        public override string Name => "rows";

        public override Task<bool> CollectionExistsAsync(CancellationToken token = default) => Task.FromResult(true);

        public override Task EnsureCollectionExistsAsync(CancellationToken token = default) => Task.CompletedTask;

        public override Task EnsureCollectionDeletedAsync(CancellationToken token = default) => Task.CompletedTask;

        public override Task<KnowledgeRow?> GetAsync(
            int key, RecordRetrievalOptions? options = null, CancellationToken token = default) =>
            Task.FromResult(_rows.GetValueOrDefault(key));

        public override IAsyncEnumerable<KnowledgeRow> GetAsync(
            Expression<Func<KnowledgeRow, bool>> filter, int top,
            FilteredRecordRetrievalOptions<KnowledgeRow>? options = null, CancellationToken token = default) =>
            throw new NotSupportedException();

        public override Task DeleteAsync(int key, CancellationToken token = default) =>
            Task.FromResult(_rows.Remove(key));

        public override Task UpsertAsync(KnowledgeRow record, CancellationToken token = default)
        {
            _rows[record.Row] = record;
            return Task.CompletedTask;
        }

        public override Task UpsertAsync(IEnumerable<KnowledgeRow> records, CancellationToken token = default)
        {
            foreach (var record in records) _rows[record.Row] = record;
            return Task.CompletedTask;
        }

        public override async IAsyncEnumerable<VectorSearchResult<KnowledgeRow>> SearchAsync<TInput>(
            TInput searchValue, int top, VectorSearchOptions<KnowledgeRow>? options = null,
            [EnumeratorCancellation] CancellationToken token = default)
        {
            var query = (ReadOnlyMemory<float>)(object)searchValue!;
            var found = _rows.Values
                .Select(row => (Row: row, Score: TensorPrimitives.CosineSimilarity(row.Key.Span, query.Span)))
                .OrderByDescending(row => row.Score).ThenBy(row => row.Row.Row).Take(top).ToList();
            await Task.Yield();
            foreach (var (row, score) in found) yield return new(row, score);
        }

        public override object? GetService(Type serviceType, object? serviceKey = null) => null;
    }
}
