namespace Retort.Contracts;

/// <summary>Which hidden states of teacher and student are compared; state 0 is the embedding output.</summary>
public enum LayerAlignment
{
    /// <summary>
    /// The embedding output, and the layers at equal shares of both depths: with the greatest common divisor g of the
    /// two numbers of layers, every L/g-th layer.
    /// </summary>
    EmbeddingAndSkip,

    /// <summary>The same without the embedding output.</summary>
    Skip,

    /// <summary>The last layer alone.</summary>
    Last,

    /// <summary>The embedding output and the last layer.</summary>
    EmbeddingAndLast,

    /// <summary>The embedding output, the middle layer and the last one.</summary>
    EmbeddingMiddleAndLast,
}
