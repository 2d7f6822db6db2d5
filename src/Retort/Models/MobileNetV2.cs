using Stage = TorchSharp.Modules.ModuleList<Retort.Models.InvertedBlock>;

namespace Retort.Models;

/// <summary>
/// Options of <see cref="MobileNetV2"/>. Defaults are the half-width network of the distillation literature.
/// </summary>
public sealed record MobileNetV2Options : ModelOptions
{
    /// <summary>
    /// The factor of every width, rounded down; the last 1 x 1 convolution has at least 1,280 channels.
    /// </summary>
    [Between(0.0625, 16)] public double Width { get; init; } = 0.5;

    /// <summary>t: a block's width inside is this many times its input's, in all blocks but the first.</summary>
    [AtLeast(1)] public int Expansion { get; init; } = 6;

    public override Network Build(DatasetInfo info) => new MobileNetV2(OptionRules.Check(this), info);
}

/// <summary>
/// MobileNetV2 for small images (Sandler et al. 2018, arXiv:1801.04381, Table 2). Hidden states: the last map of each
/// size (H/2, H/4, H/8, H/16), linear as the paper's bottlenecks are; embedding: the mean after the last convolution.
/// Parameter names are those of the distillation literature's checkpoints; 812,836 parameters on CIFAR-100 at half
/// width.
/// </summary>
/// <remarks>
/// Differs from the paper as the distillation literature does: the second stage keeps the size, so that 32 x 32 pixels
/// end as 2 x 2; ReLU instead of ReLU6; the first block has a 1 x 1 convolution though it does not expand; no dropout.
/// </remarks>
public sealed class MobileNetV2 : Network
{
    /// <summary>Width, blocks and first stride of the seven stages.</summary>
    static readonly (int Width, int Blocks, long Stride)[] Stages =
        [(16, 1, 1), (24, 2, 1), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1)];

    readonly ConvChain conv1;
    readonly TorchSharp.Modules.ModuleList<Stage> blocks;
    readonly ConvChain conv2;
    readonly TorchSharp.Modules.ModuleList<Linear>? classifier;                 // so that its names are classifier.0.…

    public MobileNetV2(MobileNetV2Options options, DatasetInfo info) : base(nameof(MobileNetV2))
    {
        var (channels, _, _) = ImageInput.Of(info, "mobilenet-v2", least: 16);
        var width = Scaled(32);
        conv1 = new((new(channels, width, 3, stride: 2, padding: 1, biased: false), width));
        blocks = new([.. Stages.Select((_, i) => NewStage(i))]);
        var last = Math.Max(Scaled(1280), 1280);
        conv2 = new((new(width, last, 1, biased: false), last));
        classifier = ClassifierOutputs.Classifier(last, info) is { } linear ? new(linear) : null;
        RegisterComponents();
        this.DrawWeights();

        long Scaled(int full) => (long)(full * options.Width);

        Stage NewStage(int index)
        {
            var (full, count, stride) = Stages[index];
            var stage = new InvertedBlock[count];
            for (var i = 0; i < count; i++)
            {
                stage[i] = new(width, Scaled(full), i == 0 ? stride : 1, index == 0 ? 1 : options.Expansion);
                width = Scaled(full);
            }
            return new(stage);
        }
    }

    public override OutputSet AvailableOutputs => ClassifierOutputs.Available(classifier?[0]);

    public override MemoryFormat PreferredFormat => MemoryFormat.ChannelsLast;

    public override Outputs Forward(Inputs inputs, OutputSet wanted)
    {
        var x = conv1.call(inputs.Image).ReluInPlace();                     // [B, 32w, H/2, W/2]
        var maps = new List<Tensor>();
        foreach (var stage in blocks) maps.Add(x = stage.Run(x));

        // [B, 24w, H/2, W/2], [B, 32w, H/4, W/4], [B, 96w, H/8, W/8], [B, 320w, H/16, W/16]
        IReadOnlyList<Tensor> hidden = [maps[1], maps[2], maps[4], maps[6]];
        return ClassifierOutputs.To(
            wanted, hidden, () => conv2.call(x).ReluInPlace().GlobalAvgPool2d(), classifier?[0]);
    }
}

/// <summary>
/// Widened, convolved channel by channel, narrowed; x added where shape allows. [B, I, H, W] → [B, O, H/stride,
/// W/stride]
/// </summary>
sealed class InvertedBlock : torch.nn.Module<Tensor, Tensor>
{
    readonly ConvChain conv;
    readonly bool _residual;

    public InvertedBlock(long from, long to, long stride, int expansion) : base(nameof(InvertedBlock))
    {
        var inside = from * expansion;
        _residual = stride == 1 && from == to;
        conv = new(
            (new(from, inside, 1, biased: false), inside),
            (new(inside, inside, 3, stride, padding: 1, groups: inside, biased: false), inside),
            (new(inside, to, 1, biased: false), to));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        if (!_residual) return conv.call(x);
        using var scope = torch.NewDisposeScope();                          // disposes what autograd does not keep
        return conv.call(x).AddInPlace(x).MoveToOuterDisposeScope();
    }
}
