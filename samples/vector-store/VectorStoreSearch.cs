using Microsoft.Extensions.VectorData;
using Retort.Runtime.Knowledge;

namespace Sample.VectorStore;

/// <summary>Searches the keys of a knowledge base in a vector database.</summary>
public sealed class VectorStoreSearch(VectorStoreCollection<int, KnowledgeRow> rows) : INeighborSearch
{
    /// <summary>How a vector store keeps the rows of a base.</summary>
    public static VectorStoreCollectionDefinition Definition(KnowledgeBase knowledge) => new()
    {
        Properties =
        [
            new VectorStoreKeyProperty(nameof(KnowledgeRow.Row), typeof(int)),
            new VectorStoreVectorProperty(nameof(KnowledgeRow.Key), typeof(ReadOnlyMemory<float>), knowledge.Width)
            {
                DistanceFunction = DistanceFunction.CosineSimilarity,
            },
        ],
    };

    /// <summary>Writes the keys of a base into a collection.</summary>
    public static async Task FillAsync(
        VectorStoreCollection<int, KnowledgeRow> rows, KnowledgeBase knowledge, CancellationToken token = default)
    {
        await rows.EnsureCollectionExistsAsync(token);
        foreach (var chunk in Enumerable.Range(0, knowledge.Rows).Chunk(1000))
            await rows.UpsertAsync(chunk.Select(RowOf).ToList(), token);

        KnowledgeRow RowOf(int row)
        {
            var key = new float[knowledge.Width];
            knowledge.CopyKey(row, key);
            return new() { Row = row, Key = key };
        }
    }

    public int Search(ReadOnlySpan<float> query, Span<Neighbor> nearest)
    {
        var found = FindAsync(query.ToArray(), nearest.Length).GetAwaiter().GetResult();
        found.CopyTo(nearest);
        return found.Length;
    }

    // of equal rows the lower one comes first, as in the base
    async Task<Neighbor[]> FindAsync(ReadOnlyMemory<float> query, int count)
    {
        var found = new List<Neighbor>();
        await foreach (var result in rows.SearchAsync(query, count).ConfigureAwait(false))
            found.Add(new(result.Record.Row, (float)(result.Score ?? 0)));
        return [.. found.OrderByDescending(row => row.Similarity).ThenBy(row => row.Row)];
    }
}
