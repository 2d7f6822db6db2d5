using Parameter = TorchSharp.Modules.Parameter;

namespace Retort.Models;

/// <summary>The encoder without the classifier: <c>vilt.</c> in parameter names.</summary>
sealed class ViltModel : Module
{
    readonly ViltEmbeddings embeddings;
    readonly ViltEncoder encoder;
    readonly LayerNorm layernorm;
    readonly BertPooler pooler;

    public ViltModel(BertSizes sizes, (long Channels, long Height, long Width) image, long patch)
        : base(nameof(ViltModel))
    {
        embeddings = new(sizes, image, patch);
        encoder = new(sizes);
        layernorm = new(sizes.Width, sizes.Epsilon);
        pooler = new(sizes.Width);
        RegisterComponents();
    }

    /// <summary>The embedded tokens and each layer's result, and its attention probabilities where wanted.</summary>
    public (List<Tensor> Hidden, List<Tensor> Attentions) Encode(Inputs inputs, bool withAttentions)
    {
        var (embedded, mask) = embeddings.call(inputs);                     // [B, T, D], [B, T]
        return EncoderLayers.Run(encoder.Layers, embedded, mask, withAttentions);
    }

    /// <summary>The norm of the last layer's result. [B, T, D] → [B, T, D]</summary>
    public Tensor Normalize(Tensor last) => layernorm.call(last);

    /// <summary>[B, T, D] → [B, D]</summary>
    public Tensor Pool(Tensor tokens) => pooler.call(tokens.Slice(1, 0, 1).Squeeze(1));

    /// <summary>Draws what is no matrix: the image's class token and positions.</summary>
    public void DrawPositions(double deviation) => embeddings.DrawPositions(deviation);
}

/// <summary>The layers: <c>vilt.encoder.</c> in parameter names.</summary>
sealed class ViltEncoder : Module
{
    readonly TorchSharp.Modules.ModuleList<ViltLayer> layer;

    public ViltEncoder(BertSizes sizes) : base(nameof(ViltEncoder))
    {
        layer = new([.. Enumerable.Range(0, sizes.Layers).Select(_ => new ViltLayer(sizes))]);
        RegisterComponents();
    }

    public IEnumerable<ViltLayer> Layers => layer;
}

/// <summary>
/// The text's embedded tokens, then the image's class token and patches, each with the vector of its modality. Its
/// second result is the mask: false at the text's padding. → [B, T, D], [B, T] bool
/// </summary>
sealed class ViltEmbeddings : torch.nn.Module<Inputs, (Tensor Tokens, Tensor Mask)>
{
    readonly Parameter cls_token;                                           // [1, 1, D]
    readonly Parameter position_embeddings;                                 // [1, 1 + N, D]
    readonly BertEmbeddings text_embeddings;
    readonly ImagePatches patch_embeddings;
    readonly Embedding token_type_embeddings;                               // of text, of images
    readonly double _dropout;

    public ViltEmbeddings(BertSizes sizes, (long Channels, long Height, long Width) image, long patch)
        : base(nameof(ViltEmbeddings))
    {
        var (rows, columns) = ImagePatches.GridOf(image, patch, "vilt");
        _dropout = sizes.Dropout;
        cls_token = new(torch.zeros(1, 1, sizes.Width));
        position_embeddings = new(torch.zeros(1, 1 + rows * columns, sizes.Width));
        text_embeddings = new(sizes, "vilt");
        patch_embeddings = new(image.Channels, sizes.Width, patch, "projection");
        token_type_embeddings = new(2, sizes.Width);
        RegisterComponents();
    }

    public override (Tensor Tokens, Tensor Mask) forward(Inputs inputs)
    {
        using var scope = torch.NewDisposeScope();                          // disposes what autograd does not keep
        var types = token_type_embeddings.First(2);                         // [2, D]
        var text = text_embeddings.call(inputs.InputIds, inputs.Find(InputNames.TokenTypeIds))
            .Add(types.Slice(0, 0, 1));                                     // [B, T, D]
        var patches = patch_embeddings.call(inputs.Image);                  // [B, N, D]
        var (batch, count) = (patches.size(0), patches.size(1) + 1);
        var image = cls_token.Expand(batch, 1, patches.size(2)).Concat(1, patches).Add(position_embeddings)
            .DropoutIf(training, _dropout).Add(types.Slice(0, 1, 2));       // [B, 1 + N, D]
        var isToken = inputs.AttentionMask.ToMask();                        // [B, T]
        var mask = isToken.Concat(1, isToken.Slice(1, 0, 1).Expand(batch, count));  // [CLS] is no padding, nor patches
        return (text.Concat(1, image).MoveToOuterDisposeScope(), mask.MoveToOuterDisposeScope());
    }

    public void DrawPositions(double deviation)
    {
        using var noGrad = torch.no_grad();
        cls_token.normal_(0, deviation);
        position_embeddings.normal_(0, deviation);
    }
}
