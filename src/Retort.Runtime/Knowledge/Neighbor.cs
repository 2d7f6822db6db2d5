namespace Retort.Runtime.Knowledge;

/// <summary>A row that a search found.</summary>
/// <param name="Row">Its position in the base, from 0.</param>
/// <param name="Similarity">The cosine of query and key, from -1 to 1.</param>
public readonly record struct Neighbor(int Row, float Similarity)
{
    /// <summary>
    /// Whether it comes before another row: the similarity is higher or, of equal ones, the row is lower.
    /// </summary>
    internal bool IsBefore(Neighbor other) =>
        Similarity > other.Similarity || Similarity == other.Similarity && Row < other.Row;
}
