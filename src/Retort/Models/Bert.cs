using System.Text.Json.Nodes;

namespace Retort.Models;

/// <summary>Options of <see cref="Bert"/> with drawn weights. Defaults are those of a small student.</summary>
public sealed record BertOptions : ModelOptions, IValidated
{
    /// <summary>L: the number of layers.</summary>
    [AtLeast(1)] public int Layers { get; init; } = 2;

    /// <summary>The width of a token's vector, a multiple of the number of heads unless headSize is given.</summary>
    [AtLeast(1)] public int HiddenSize { get; init; } = 128;

    /// <summary>The attention heads of a layer.</summary>
    [AtLeast(1)] public int Heads { get; init; } = 2;

    /// <summary>
    /// The width of an attention head; unless given, hiddenSize / heads. An encoder with fewer heads than before has
    /// heads of the width that they had.
    /// </summary>
    [AtLeast(1)] public int? HeadSize { get; init; }

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

    public override Network Build(DatasetInfo info) => new Bert(OptionRules.Check(this), info);

    public override EncoderShape Encoder() => new()
    {
        Layers = Layers,
        Width = HiddenSize,
        Heads = Heads,
        Neurons = Neurons,
        Resize = (layers, heads, neurons) => this with
        {
            Layers = layers, Heads = heads, HeadSize = HeadWidth, IntermediateSize = neurons,
        },
        LayerPrefix = "bert.encoder.layer.",
        HeadRows =
        [
            "attention.self.query.weight", "attention.self.query.bias", "attention.self.key.weight",
            "attention.self.key.bias", "attention.self.value.weight", "attention.self.value.bias",
        ],
        HeadColumns = "attention.output.dense.weight",
        NeuronRows = ["intermediate.dense.weight", "intermediate.dense.bias"],
        NeuronColumns = "output.dense.weight",
    };

    internal int HeadWidth => HeadSize ?? HiddenSize / Heads;

    int Neurons => IntermediateSize ?? 4 * HiddenSize;

    // Hugging Face's libraries know heads that are taken away, and none that are wider
    public override JsonObject? PublishedConfig(DatasetInfo info) =>
        HiddenSize % HeadWidth == 0 && HiddenSize / HeadWidth >= Heads ? BertConfig.Write(this, info) : null;

    internal BertSizes Sizes(int vocabulary) => new()
    {
        Vocabulary = vocabulary,
        MaxPositions = MaxPositions,
        TokenTypes = TokenTypes,
        Layers = Layers,
        Width = HiddenSize,
        Heads = Heads,
        HeadWidth = HeadWidth,
        InnerWidth = Neurons,
        Pooling = Pooling,
        Dropout = Dropout,
        AttentionDropout = AttentionDropout,
        Epsilon = LayerNormEpsilon,
    };

    OptionError? IValidated.Validate() => HeadSize is not null || HiddenSize % Heads == 0 ? null
        : new(nameof(HiddenSize), Invariant($"must be a multiple of heads, {Heads}; it is {HiddenSize}."));
}

/// <summary>
/// The encoder of BERT (Devlin et al. 2019, arXiv:1810.04805) with a linear classifier. Hidden states: the embedded
/// tokens, then each layer's result; attentions: each layer's probabilities before dropout; embedding: the pooled
/// vector; token embeddings: the last layer's result. Parameter names are those of Hugging Face's
/// BertForSequenceClassification. Initial weights are normal with a standard deviation of .02, biases 0.
/// </summary>
public sealed class Bert : Network
{
    const double Deviation = 0.02;

    readonly BertModel bert;
    readonly Linear? classifier;
    readonly double _dropout;

    public Bert(BertOptions options, DatasetInfo info) : base(nameof(Bert))
    {
        bert = new(options.Sizes(TokenInput.Vocabulary(info, "bert", options.MaxPositions)));
        classifier = ClassifierOutputs.Classifier(options.HiddenSize, info);
        _dropout = options.Dropout;
        RegisterComponents();
        this.DrawMatrices(Deviation);
        this.ClearBiases();
    }

    public override OutputSet AvailableOutputs =>
        ClassifierOutputs.Available(classifier) | Output.Attentions | Output.TokenEmbeddings;

    public override IReadOnlyDictionary<string, Tensor> Rename(
        IReadOnlyDictionary<string, Tensor> tensors, string source) =>
        BertWeights.Rename(tensors, source, bert.HasPooler, classifier is not null);

    public override Outputs Forward(Inputs inputs, OutputSet wanted)
    {
        ClassifierOutputs.CheckLogits(wanted, classifier);
        var mask = inputs.AttentionMask.ToMask();                           // [B, T]
        var ids = inputs.InputIds;                                          // [B, T]
        var types = inputs.Find(InputNames.TokenTypeIds);
        var (hidden, attentions) = bert.Encode(ids, types, mask, wanted.Contains(Output.Attentions));
        var wantsLogits = wanted.Contains(Output.Logits);
        var embedding = wantsLogits || wanted.Contains(Output.Embedding) ? bert.Pool(hidden[^1], mask) : null;
        return new()
        {
            Logits = wantsLogits ? classifier!.call(embedding!.DropoutIf(training, _dropout)) : null,
            Embedding = wanted.Contains(Output.Embedding) ? embedding : null,
            HiddenStates = wanted.Contains(Output.HiddenStates) ? hidden : null,
            Attentions = wanted.Contains(Output.Attentions) ? attentions : null,
            TokenEmbeddings = wanted.Contains(Output.TokenEmbeddings) ? hidden[^1] : null,
        };
    }
}
