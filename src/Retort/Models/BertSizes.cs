namespace Retort.Models;

/// <summary>The sizes of an encoder, data's and options' together.</summary>
sealed record BertSizes
{
    /// <summary>The number of token ids.</summary>
    public required long Vocabulary { get; init; }

    /// <summary>The most tokens of a text.</summary>
    public required long MaxPositions { get; init; }

    /// <summary>The number of token types.</summary>
    public required long TokenTypes { get; init; }

    /// <summary>The number of layers.</summary>
    public required int Layers { get; init; }

    /// <summary>D: the width of a token's vector.</summary>
    public required long Width { get; init; }

    /// <summary>H: the attention heads of a layer.</summary>
    public required long Heads { get; init; }

    /// <summary>The width of a head.</summary>
    public required long HeadWidth { get; init; }

    /// <summary>I: the width between a layer's two linear layers.</summary>
    public required long InnerWidth { get; init; }

    /// <summary>How the tokens' vectors become one.</summary>
    public required BertPooling Pooling { get; init; }

    /// <summary>The dropout of vectors.</summary>
    public required double Dropout { get; init; }

    /// <summary>The dropout of attention probabilities.</summary>
    public required double AttentionDropout { get; init; }

    /// <summary>ε of the layer normalizations.</summary>
    public required double Epsilon { get; init; }
}
