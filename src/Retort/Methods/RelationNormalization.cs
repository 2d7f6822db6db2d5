namespace Retort.Methods;

/// <summary>What sums over pairs and triples are divided by, and which triples are summed.</summary>
public enum RelationNormalization
{
    /// <summary>
    /// The number of pairs or triples of different real tokens. Only these are summed, so that padding changes nothing.
    /// </summary>
    Strict,

    /// <summary>
    /// As in the authors' code: divisors count a token's pairs and triples with itself too, and at the ends of a text
    /// the window repeats the first or last position, padding included. For comparisons with published weights.
    /// </summary>
    Released,
}
