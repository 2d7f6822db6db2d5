namespace Retort.Models;

/// <summary>
/// Options of <see cref="Vilt"/>. Defaults are those of a small student; the published ViLT-B/32 has patches of 32
/// pixels, 12 layers, hidden size 768 and 12 heads.
/// </summary>
public sealed record ViltOptions : PretrainableModelOptions
{
    /// <summary>The side of a patch in pixels; the sides of the images are multiples of it.</summary>
    [AtLeast(1)] public int PatchSize { get; init; } = 16;

    /// <summary>L: the number of layers.</summary>
    [AtLeast(1)] public int Layers { get; init; } = 4;

    /// <summary>The width of a token's vector, a multiple of the number of heads.</summary>
    [AtLeast(1)] public int HiddenSize { get; init; } = 128;

    /// <summary>The attention heads of a layer.</summary>
    [AtLeast(1)] public int Heads { get; init; } = 4;

    /// <summary>The width inside a layer's two linear layers; unless given, 4 · hiddenSize.</summary>
    [AtLeast(1)] public int? IntermediateSize { get; init; }

    /// <summary>The most tokens of a text, at least as many as the data's longest text has.</summary>
    [AtLeast(1)] public int MaxPositions { get; init; } = 128;

    /// <summary>The dropout after the embeddings and in each layer.</summary>
    [LessThanOne] public double Dropout { get; init; }

    /// <summary>The dropout of attention probabilities.</summary>
    [LessThanOne] public double AttentionDropout { get; init; }

    internal override string ClassifierPrefix => "classifier.";

    internal override Network BuildDrawn(DatasetInfo info) => new Vilt(this, info);

    public override OptionError? Validate() => HiddenSize % Heads == 0 ? base.Validate()
        : new(nameof(HiddenSize), Invariant($"must be a multiple of heads, {Heads}; it is {HiddenSize}."));

    internal BertSizes Sizes(int vocabulary) => new()
    {
        Vocabulary = vocabulary,
        MaxPositions = MaxPositions,
        TokenTypes = 2,
        Layers = Layers,
        Width = HiddenSize,
        Heads = Heads,
        HeadWidth = HiddenSize / Heads,
        InnerWidth = IntermediateSize ?? 4 * HiddenSize,
        Pooling = BertPooling.Pooler,
        Dropout = Dropout,
        AttentionDropout = AttentionDropout,
        Epsilon = 1e-12,
    };
}

/// <summary>
/// The vision-and-language transformer (Kim, Son and Kim 2021, arXiv:2102.03334): the tokens of a text and the patches
/// of an image in one encoder, with a classifier of answers. The sequence is the text's tokens, padding included, then
/// the image's class token and its patches. Hidden states: the embedded tokens, then each layer's result; attentions:
/// each layer's probabilities before dropout; token embeddings: the last layer's result after the norm; embedding: the
/// classifier's hidden layer, of tanh of a linear layer of [CLS]. Parameter names are those of Hugging Face's
/// ViltForQuestionAnswering. Initial weights are normal with a standard deviation of .02, biases 0.
/// </summary>
public sealed class Vilt : Network
{
    const double Deviation = 0.02;

    readonly ViltModel vilt;
    readonly ViltClassifier classifier;

    public Vilt(ViltOptions options, DatasetInfo info) : base(nameof(Vilt))
    {
        if (info.Input(InputNames.PixelValues) is null) throw new InvalidOperationException(
            $"vilt takes images and texts (pixel_values, input_ids and attention_mask); the data has {info.Names}: "
            + "choose another network, such as bert for texts.");
        var sizes = options.Sizes(
            TokenInput.Vocabulary(info, "vilt", options.MaxPositions, InputNames.PixelValues));
        vilt = new(sizes, ImageInput.Of(info, "vilt", options.PatchSize), options.PatchSize);
        classifier = new(options.HiddenSize, ClassifierOutputs.Classifier(2 * options.HiddenSize, info));
        RegisterComponents();
        this.DrawMatrices(Deviation);
        this.ClearBiases();
        vilt.DrawPositions(Deviation);
    }

    public override OutputSet AvailableOutputs =>
        ClassifierOutputs.Available(classifier.OrNone) | Output.Attentions | Output.TokenEmbeddings;

    public override IReadOnlyDictionary<string, Tensor> Rename(
        IReadOnlyDictionary<string, Tensor> tensors, string source) => tensors
            .Where(pair => pair.Key.Split('.')[^1] != "position_ids").ToDictionary();   // of older libraries

    public override Outputs Forward(Inputs inputs, OutputSet wanted)
    {
        ClassifierOutputs.CheckLogits(wanted, classifier.OrNone);
        var (hidden, attentions) = vilt.Encode(inputs, wanted.Contains(Output.Attentions));
        var wantsLogits = wanted.Contains(Output.Logits);
        var wantsEmbedding = wantsLogits || wanted.Contains(Output.Embedding);
        var tokens = wantsEmbedding || wanted.Contains(Output.TokenEmbeddings) ? vilt.Normalize(hidden[^1]) : null;
        var embedding = wantsEmbedding ? classifier.Embed(vilt.Pool(tokens!)) : null;       // [B, 2D]
        return new()
        {
            Logits = wantsLogits ? classifier.call(embedding!) : null,
            Embedding = wanted.Contains(Output.Embedding) ? embedding : null,
            HiddenStates = wanted.Contains(Output.HiddenStates) ? hidden : null,
            Attentions = wanted.Contains(Output.Attentions) ? attentions : null,
            TokenEmbeddings = wanted.Contains(Output.TokenEmbeddings) ? tokens : null,
        };
    }
}
