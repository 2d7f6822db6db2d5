namespace Sample.VectorStore;

/// <summary>A row of a knowledge base as a record of a vector database.</summary>
public sealed record KnowledgeRow
{
    /// <summary>The row's position in the base, from 0.</summary>
    public int Row { get; init; }

    /// <summary>Its key, of length 1.</summary>
    public ReadOnlyMemory<float> Key { get; init; }
}
