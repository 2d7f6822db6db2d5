using Parameter = TorchSharp.Modules.Parameter;

namespace Retort.Models;

/// <summary>
/// Options of <see cref="Vit"/>. Defaults are those of ViT-Tiny with patches of 16 x 16 pixels; ViT-Small has hidden
/// size 384 and 6 heads.
/// </summary>
public sealed record VitOptions : PretrainableModelOptions
{
    /// <summary>The side of a patch in pixels; the sides of the images are multiples of it.</summary>
    [AtLeast(1)] public int PatchSize { get; init; } = 16;

    /// <summary>L: the number of layers.</summary>
    [AtLeast(1)] public int Layers { get; init; } = 12;

    /// <summary>The width of a token's vector, a multiple of the number of heads.</summary>
    [AtLeast(1)] public int HiddenSize { get; init; } = 192;

    /// <summary>The attention heads of a layer.</summary>
    [AtLeast(1)] public int Heads { get; init; } = 3;

    /// <summary>The width inside a layer's two linear layers; unless given, 4 · hiddenSize.</summary>
    [AtLeast(1)] public int? IntermediateSize { get; init; }

    internal override string ClassifierPrefix => "head.";

    internal override Network BuildDrawn(DatasetInfo info) => new Vit(this, info);

    public override OptionError? Validate() => HiddenSize % Heads == 0 ? base.Validate()
        : new(nameof(HiddenSize), Invariant($"must be a multiple of heads, {Heads}; it is {HiddenSize}."));
}

/// <summary>
/// The vision transformer (Dosovitskiy et al. 2021, arXiv:2010.11929) with the class token, as timm has it: the same
/// names of parameters, shapes and outputs. Hidden states: the embedded tokens, then each layer's result, the class
/// token first; attentions: each layer's probabilities; token embeddings: the last layer's result after the norm;
/// embedding: its class token. Initial weights are normal with a standard deviation of .02, biases 0.
/// </summary>
/// <remarks>
/// The position embedding of a file with another number of patches is interpolated to this network's, bicubic with
/// antialiasing, as timm does.
/// </remarks>
public sealed class Vit : Network
{
    const double Deviation = 0.02;
    const string Positions = "pos_embed";

    readonly Parameter cls_token;                                           // [1, 1, D]
    readonly Parameter pos_embed;                                           // [1, 1 + N, D]
    readonly ImagePatches patch_embed;
    readonly TorchSharp.Modules.ModuleList<VitBlock> blocks;
    readonly LayerNorm norm;
    readonly Linear? head;
    readonly (long Rows, long Columns) _grid;

    public Vit(VitOptions options, DatasetInfo info) : base(nameof(Vit))
    {
        var image = ImageInput.Of(info, "vit", options.PatchSize);
        _grid = ImagePatches.GridOf(image, options.PatchSize, "vit");
        var size = options.HiddenSize;
        cls_token = new(torch.empty(1, 1, size));
        pos_embed = new(torch.empty(1, 1 + _grid.Rows * _grid.Columns, size));
        patch_embed = new(image.Channels, size, options.PatchSize, "proj");
        blocks = new([.. Enumerable.Range(0, options.Layers).Select(_ => new VitBlock(options))]);
        norm = new(size, VitBlock.Epsilon);
        head = ClassifierOutputs.Classifier(size, info);
        RegisterComponents();
        using var noGrad = torch.no_grad();
        cls_token.normal_(0, 1e-6);
        pos_embed.normal_(0, Deviation);
        this.DrawMatrices(Deviation);
        this.ClearBiases();
    }

    public override OutputSet AvailableOutputs =>
        ClassifierOutputs.Available(head) | Output.Attentions | Output.TokenEmbeddings;

    public override IReadOnlyDictionary<string, Tensor> Rename(
        IReadOnlyDictionary<string, Tensor> tensors, string source) => tensors.ToDictionary(
            pair => pair.Key,
            pair => pair.Key.Split('.')[^1] == Positions ? VitPositions.Resize(pair.Value, _grid, source) : pair.Value);

    public override Outputs Forward(Inputs inputs, OutputSet wanted)
    {
        ClassifierOutputs.CheckLogits(wanted, head);
        var patches = patch_embed.call(inputs.Image);                       // [B, N, D]
        var first = cls_token.Expand(patches.size(0), 1, patches.size(2));  // [B, 1, D]
        var x = first.Concat(1, patches).Add(pos_embed);                    // [B, T, D]
        var hidden = new List<Tensor> { x };
        var attentions = new List<Tensor>();
        foreach (var block in blocks)
        {
            (x, var probabilities) = block.Run(x, wanted.Contains(Output.Attentions));
            hidden.Add(x);
            if (probabilities is not null) attentions.Add(probabilities);
        }
        var wantsLogits = wanted.Contains(Output.Logits);
        var wantsEmbedding = wantsLogits || wanted.Contains(Output.Embedding);
        var tokens = wantsEmbedding || wanted.Contains(Output.TokenEmbeddings) ? norm.call(x) : null;   // [B, T, D]
        var embedding = wantsEmbedding ? tokens!.Slice(1, 0, 1).Squeeze(1) : null;                      // [B, D]
        return new()
        {
            Logits = wantsLogits ? head!.call(embedding!) : null,
            Embedding = wanted.Contains(Output.Embedding) ? embedding : null,
            HiddenStates = wanted.Contains(Output.HiddenStates) ? hidden : null,
            Attentions = wanted.Contains(Output.Attentions) ? attentions : null,
            TokenEmbeddings = wanted.Contains(Output.TokenEmbeddings) ? tokens : null,
        };
    }
}
