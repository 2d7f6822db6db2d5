namespace Retort.Models;

/// <summary>
/// Options of <see cref="ConvNet"/>. A tiny student that learns in seconds, 4,842 parameters on MNIST:
/// <c>{ "name": "convnet", "widths": [4, 8], "kernel": 5, "norm": "none", "downsampling": "stride" }</c>.
/// </summary>
public sealed record ConvNetOptions : ModelOptions
{
    /// <summary>Each block's channels, in order; every block halves the image.</summary>
    [NotEmpty, Count(0, 15, "at most 15 numbers, for each halves the image"), AtLeast(1)]
    public IReadOnlyList<int> Widths { get; init; } = [32, 64, 128];

    /// <summary>Side of the kernels, odd, so that the convolution alone keeps the map's size.</summary>
    [Odd] public int Kernel { get; init; } = 3;

    /// <summary>The normalization between a convolution and its ReLU.</summary>
    public ConvNetNorm Norm { get; init; } = ConvNetNorm.Batch;

    /// <summary>How a block halves its map.</summary>
    public Downsampling Downsampling { get; init; } = Downsampling.MaxPool;

    /// <summary>
    /// Widths of linear layers with ReLU between the last map and the classifier; without any, the map is the
    /// classifier's input.
    /// </summary>
    [AtLeast(1)] public IReadOnlyList<int> Hidden { get; init; } = [];

    public override Network Build(DatasetInfo info) => new ConvNet(OptionRules.Check(this), info);
}

/// <summary>
/// Blocks of convolution, norm, ReLU and halving, then linear layers. Hidden states: each block's map. Initial weights
/// are PyTorch's.
/// </summary>
public sealed class ConvNet : Network
{
    readonly TorchSharp.Modules.ModuleList<ConvNetBlock> blocks;
    readonly TorchSharp.Modules.ModuleList<Linear> hidden;
    readonly Linear? fc;

    public ConvNet(ConvNetOptions options, DatasetInfo info) : base(nameof(ConvNet))
    {
        var count = options.Widths.Count;
        var (channels, height, width) = ImageInput.Of(info, $"convnet with {count} blocks", least: 1L << count);
        long[] widths = [channels, .. options.Widths];
        blocks = new([.. options.Widths.Select((_, i) => new ConvNetBlock(widths[i], widths[i + 1], options))]);
        long[] sizes = [widths[^1] * Halved(height) * Halved(width), .. options.Hidden];
        hidden = new([.. options.Hidden.Select((size, i) => new Linear(sizes[i], size))]);
        fc = ClassifierOutputs.Classifier(sizes[^1], info);
        RegisterComponents();

        // pooling drops the last row of an odd size, a stride keeps it
        long Halved(long side) => options.Downsampling == Downsampling.Stride
            ? (side + (1L << count) - 1) >> count
            : side >> count;
    }

    public override MemoryFormat PreferredFormat => MemoryFormat.ChannelsLast;

    public override OutputSet AvailableOutputs => ClassifierOutputs.Available(fc);

    public override Outputs Forward(Inputs inputs, OutputSet wanted)
    {
        var x = inputs.Image;                                               // [B, C, H, W]
        var maps = new List<Tensor>();
        foreach (var block in blocks) maps.Add(x = block.call(x));          // [B, Wi, H / 2^i, W / 2^i]
        return ClassifierOutputs.To(wanted, maps, Embed, fc);

        Tensor Embed()
        {
            var vector = maps[^1].Flatten();                                // [B, D]
            foreach (var layer in hidden) vector = layer.call(vector).ReluInPlace();
            return vector;
        }
    }
}

/// <summary>Convolution, norm, ReLU, halving. [B, I, H, W] → [B, O, H/2, W/2]</summary>
sealed class ConvNetBlock : torch.nn.Module<Tensor, Tensor>
{
    readonly Conv2d conv;
    readonly BatchNorm2d? norm;
    readonly Downsampling _downsampling;

    public ConvNetBlock(long from, long to, ConvNetOptions options) : base(nameof(ConvNetBlock))
    {
        _downsampling = options.Downsampling;
        conv = new(from, to, options.Kernel, stride: _downsampling == Downsampling.Stride ? 2 : 1,
            padding: options.Kernel / 2, biased: options.Norm == ConvNetNorm.None);
        norm = options.Norm == ConvNetNorm.Batch ? new(to) : null;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();                          // disposes what autograd does not keep
        var map = conv.call(x);
        var normed = norm is null ? map : norm.call(map);
        var halved = _downsampling switch
        {
            // ReLU and maximum commute: after the pooling the ReLU is a quarter of the work
            Downsampling.MaxPool => normed.MaxPool2d(2).ReluInPlace(),
            Downsampling.AveragePool => normed.ReluInPlace().AvgPool2d(2),
            _ => normed.ReluInPlace(),
        };
        return halved.MoveToOuterDisposeScope();
    }
}
