namespace Retort.Models;

/// <summary>The encoder without the classifier: <c>bert.</c> in parameter names.</summary>
sealed class BertModel : Module
{
    readonly BertEmbeddings embeddings;
    readonly BertEncoder encoder;
    readonly BertPooler? pooler;
    readonly BertPooling _pooling;

    public BertModel(BertSizes sizes) : base(nameof(BertModel))
    {
        _pooling = sizes.Pooling;
        embeddings = new(sizes);
        encoder = new(sizes);
        pooler = _pooling == BertPooling.Pooler ? new(sizes.Width) : null;
        RegisterComponents();
    }

    public bool HasPooler => pooler is not null;

    /// <summary>The embedded tokens and each layer's result, and its attention probabilities where wanted.</summary>
    /// <param name="ids">[B, T] int64</param>
    /// <param name="types">[B, T] int64; null where all tokens are of type 0.</param>
    /// <param name="mask">[B, T] bool</param>
    /// <param name="withAttentions">Whether the attention probabilities are wanted.</param>
    public (List<Tensor> Hidden, List<Tensor> Attentions) Encode(
        Tensor ids, Tensor? types, Tensor mask, bool withAttentions) =>
        EncoderLayers.Run(encoder.Layers, embeddings.call(ids, types), mask, withAttentions);

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

    public BertEncoder(BertSizes sizes) : base(nameof(BertEncoder))
    {
        layer = new([.. Enumerable.Range(0, sizes.Layers).Select(_ => new BertLayer(sizes))]);
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

/// <summary>
/// The sum of each token's word, position and type vector, normalized. [B, T] int64, [B, T] int64 → [B, T, D]
/// </summary>
sealed class BertEmbeddings : torch.nn.Module<Tensor, Tensor?, Tensor>
{
    readonly Embedding word_embeddings;
    readonly Embedding position_embeddings;
    readonly Embedding token_type_embeddings;
    readonly LayerNorm LayerNorm;
    readonly double _dropout;
    readonly long _maxPositions;
    readonly string _network;

    /// <param name="sizes">The encoder's sizes.</param>
    /// <param name="network">The network's name, for messages.</param>
    public BertEmbeddings(BertSizes sizes, string network = "bert") : base(nameof(BertEmbeddings))
    {
        (_dropout, _maxPositions, _network) = (sizes.Dropout, sizes.MaxPositions, network);
        word_embeddings = new(sizes.Vocabulary, sizes.Width);
        position_embeddings = new(sizes.MaxPositions, sizes.Width);
        token_type_embeddings = new(sizes.TokenTypes, sizes.Width);
        LayerNorm = new(sizes.Width, sizes.Epsilon);
        RegisterComponents();
    }

    public override Tensor forward(Tensor ids, Tensor? types)
    {
        var length = ids.size(1);
        if (length > _maxPositions) throw new ArgumentException(
            Invariant($"{_network} has positions for {_maxPositions} tokens; a text of {length} came."));

        using var scope = torch.NewDisposeScope();                          // disposes what autograd does not keep
        var type = types is null
            ? token_type_embeddings.First(1)                                // [1, D]
            : token_type_embeddings.call(types);                            // [B, T, D]
        var sum = word_embeddings.call(ids).Add(type).Add(position_embeddings.First(length));
        return LayerNorm.call(sum).DropoutIf(training, _dropout).MoveToOuterDisposeScope();
    }
}
