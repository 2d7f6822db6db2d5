namespace Retort.Models;

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
        bert = new(options, TokenInput.Vocabulary(info, "bert", options.MaxPositions));
        classifier = ClassifierOutputs.Classifier(options.HiddenSize, info);
        _dropout = options.Dropout;
        RegisterComponents();
        this.DrawMatrices(Deviation);
        this.ClearBiases();
    }

    public override OutputSet AvailableOutputs =>
        ClassifierOutputs.Available(classifier) | Output.Attentions | Output.TokenEmbeddings;

    /// <summary>Whether it has a classifier: its data has classes.</summary>
    internal bool HasClassifier => classifier is not null;

    /// <summary>Whether it has the linear layer of <see cref="BertPooling.Pooler"/>.</summary>
    internal bool HasPooler => bert.HasPooler;

    /// <summary>The number of token ids.</summary>
    internal long Vocabulary => bert.Vocabulary;

    public override IReadOnlyDictionary<string, Tensor> Rename(
        IReadOnlyDictionary<string, Tensor> tensors, string source) => BertWeights.Rename(this, tensors, source);

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

/// <summary>The encoder without the classifier: <c>bert.</c> in parameter names.</summary>
sealed class BertModel : Module
{
    readonly BertEmbeddings embeddings;
    readonly BertEncoder encoder;
    readonly BertPooler? pooler;
    readonly BertPooling _pooling;

    public BertModel(BertOptions options, int vocabulary) : base(nameof(BertModel))
    {
        (_pooling, Vocabulary) = (options.Pooling, vocabulary);
        embeddings = new(options, vocabulary);
        encoder = new(options);
        pooler = _pooling == BertPooling.Pooler ? new(options.HiddenSize) : null;
        RegisterComponents();
    }

    public bool HasPooler => pooler is not null;

    public long Vocabulary { get; }

    /// <summary>The embedded tokens and each layer's result, and its attention probabilities where wanted.</summary>
    /// <param name="ids">[B, T] int64</param>
    /// <param name="types">[B, T] int64; null where all tokens are of type 0.</param>
    /// <param name="mask">[B, T] bool</param>
    /// <param name="withAttentions">Whether the attention probabilities are wanted.</param>
    public (List<Tensor> Hidden, List<Tensor> Attentions) Encode(
        Tensor ids, Tensor? types, Tensor mask, bool withAttentions)
    {
        var hidden = new List<Tensor> { embeddings.call(ids, types) };      // [B, T, D]
        var attentions = new List<Tensor>();
        foreach (var layer in encoder.Layers)
        {
            var (result, attention) = layer.call(hidden[^1], mask, withAttentions);
            hidden.Add(result);                                             // [B, T, D]
            if (attention is not null) attentions.Add(attention);           // [B, H, T, T]
        }
        return (hidden, attentions);
    }

    /// <summary>[B, T, D], [B, T] bool → [B, D]</summary>
    public Tensor Pool(Tensor last, Tensor mask)
    {
        if (_pooling == BertPooling.Mean) return last.MeanTokens(mask);

        var first = last.Slice(1, 0, 1).Squeeze(1);                         // [B, D]
        return pooler is null ? first : pooler.call(first);
    }
}

/// <summary>The layers: <c>bert.encoder.</c> in parameter names.</summary>
sealed class BertEncoder : Module
{
    readonly TorchSharp.Modules.ModuleList<BertLayer> layer;

    public BertEncoder(BertOptions options) : base(nameof(BertEncoder))
    {
        layer = new([.. Enumerable.Range(0, options.Layers).Select(_ => new BertLayer(options))]);
        RegisterComponents();
    }

    public IEnumerable<BertLayer> Layers => layer;
}

/// <summary>tanh of a linear layer. [B, D] → [B, D]</summary>
sealed class BertPooler : torch.nn.Module<Tensor, Tensor>
{
    readonly Linear dense;

    public BertPooler(long width) : base(nameof(BertPooler))
    {
        dense = new(width, width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => dense.call(x).Tanh();
}
