namespace Retort.Runtime.Knowledge;

/// <summary>
/// Finds the rows of a knowledge base that are nearest to an embedding. <see cref="KnowledgeBase"/> searches its own
/// file; a vector database that holds the same keys under the same row numbers can take its place.
/// </summary>
/// <remarks>One search serves any number of threads.</remarks>
public interface INeighborSearch
{
    /// <summary>
    /// Finds the rows whose keys are most similar to a query by cosine, the most similar first. An approximate index
    /// may miss some.
    /// </summary>
    /// <param name="query">An embedding of any length. [D]</param>
    /// <param name="nearest">Receives the rows; its length is k.</param>
    /// <returns>How many rows were found: k, or all that there are.</returns>
    int Search(ReadOnlySpan<float> query, Span<Neighbor> nearest);
}
