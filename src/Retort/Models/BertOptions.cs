namespace Retort.Models;

/// <summary>Options of <see cref="Bert"/> with drawn weights. Defaults are those of a small student.</summary>
public sealed record BertOptions : ModelOptions, IValidated
{
    /// <summary>L: the number of layers.</summary>
    [AtLeast(1)] public int Layers { get; init; } = 2;

    /// <summary>The width of a token's vector, a multiple of the number of heads.</summary>
    [AtLeast(1)] public int HiddenSize { get; init; } = 128;

    /// <summary>The attention heads of a layer.</summary>
    [AtLeast(1)] public int Heads { get; init; } = 2;

    /// <summary>The width inside a layer's two linear layers; unless given, 4 · hiddenSize.</summary>
    [AtLeast(1)] public int? IntermediateSize { get; init; }

    /// <summary>The most tokens of a text, at least as many as the data's longest text has.</summary>
    [AtLeast(1)] public int MaxPositions { get; init; } = 512;

    /// <summary>The number of token types: 2 tell the first text of a pair from the second.</summary>
    [AtLeast(1)] public int TokenTypes { get; init; } = 2;

    /// <summary>How the vectors of a text's tokens become one, which is the embedding.</summary>
    public BertPooling Pooling { get; init; } = BertPooling.Pooler;

    /// <summary>
    /// The dropout after the embeddings, after each pair of linear layers, after each attention and before the
    /// classifier.
    /// </summary>
    [LessThanOne] public double Dropout { get; init; } = 0.1;

    /// <summary>The dropout of attention probabilities.</summary>
    [LessThanOne] public double AttentionDropout { get; init; } = 0.1;

    /// <summary>ε of the layer normalizations.</summary>
    [Positive] public double LayerNormEpsilon { get; init; } = 1e-12;

    internal long InnerSize => IntermediateSize ?? 4L * HiddenSize;

    public override Network Build(DatasetInfo info) => new Bert(OptionRules.Check(this), info);

    OptionError? IValidated.Validate() => HiddenSize % Heads == 0 ? null : new(nameof(HiddenSize),
        Invariant($"must be a multiple of heads, {Heads}; it is {HiddenSize}."));
}
