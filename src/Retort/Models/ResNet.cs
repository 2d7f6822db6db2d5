using Blocks = TorchSharp.Modules.ModuleList<Retort.Models.ResidualBlock>;

namespace Retort.Models;

/// <summary>
/// Options of <see cref="ResNet"/>. The wide networks of the distillation literature, resnet8x4 and resnet32x4, have
/// depth 8 and 32 and widths 32, 64, 128, 256.
/// </summary>
public sealed record ResNetOptions : ModelOptions
{
    /// <summary>Layers with weights, 6n + 2 with n blocks a stage: 8, 14, 20, 32, 44, 56, 110.</summary>
    [Progression(6, 2, Examples = "8, 14, 20, 32, 44, 56, 110")] public int Depth { get; init; } = 20;

    /// <summary>Channels of the stem and of the three stages.</summary>
    [Count(4, 4, "four numbers, of the stem and of three stages"), AtLeast(1)]
    public IReadOnlyList<int> Widths { get; init; } = [16, 16, 32, 64];

    public override Network Build(DatasetInfo info) => new ResNet(OptionRules.Check(this), info);
}

/// <summary>
/// The residual network for small images (He et al. 2016, arXiv:1512.03385, §4.2). Hidden states: the three stages'
/// maps after their last ReLU; embedding: the mean of the last. Parameter names are those of the distillation
/// literature's checkpoints.
/// </summary>
/// <remarks>
/// Differs from the paper as the distillation literature does: where width or size changes, the shortcut is a 1 x 1
/// convolution with batch norm (their option B) instead of padding with zeros (A). On CIFAR-100 resnet20 has 278,324
/// parameters with B and 275,572 with A.
/// </remarks>
public sealed class ResNet : Network
{
    readonly Conv2d conv1;
    readonly BatchNorm2d bn1;
    readonly Blocks layer1;
    readonly Blocks layer2;
    readonly Blocks layer3;
    readonly Linear? fc;

    public ResNet(ResNetOptions options, DatasetInfo info) : base(nameof(ResNet))
    {
        var (channels, _, _) = ImageInput.Of(info, "resnet", least: 4);
        var (widths, blocks) = (options.Widths, (options.Depth - 2) / 6);
        conv1 = new(channels, widths[0], 3, padding: 1, biased: false);
        bn1 = new(widths[0]);
        layer1 = Stage(widths[0], widths[1], blocks, stride: 1);
        layer2 = Stage(widths[1], widths[2], blocks, stride: 2);
        layer3 = Stage(widths[2], widths[3], blocks, stride: 2);
        fc = ClassifierOutputs.Classifier(widths[3], info);
        RegisterComponents();
        this.DrawKernels();
    }

    public override OutputSet AvailableOutputs => ClassifierOutputs.Available(fc);

    public override MemoryFormat PreferredFormat => MemoryFormat.ChannelsLast;

    public override Outputs Forward(Inputs inputs, OutputSet wanted)
    {
        var stem = bn1.call(conv1.call(inputs.Image)).ReluInPlace();        // [B, W0, H, W]
        var low = layer1.Run(stem);                                         // [B, W1, H, W]
        var middle = layer2.Run(low);                                       // [B, W2, H/2, W/2]
        var high = layer3.Run(middle);                                      // [B, W3, H/4, W/4]
        return ClassifierOutputs.To(wanted, [low, middle, high], high.GlobalAvgPool2d, fc);
    }

    static Blocks Stage(long from, long to, int blocks, long stride) => new([.. Enumerable.Range(0, blocks)
        .Select(i => i == 0 ? new ResidualBlock(from, to, stride) : new(to, to, stride: 1))]);
}

/// <summary>relu(x' + two convolutions of x), x' the shortcut. [B, I, H, W] → [B, O, H/stride, W/stride]</summary>
sealed class ResidualBlock : torch.nn.Module<Tensor, Tensor>
{
    readonly Conv2d conv1;
    readonly BatchNorm2d bn1;
    readonly Conv2d conv2;
    readonly BatchNorm2d bn2;
    readonly ConvChain? downsample;

    public ResidualBlock(long from, long to, long stride) : base(nameof(ResidualBlock))
    {
        conv1 = new(from, to, 3, stride, padding: 1, biased: false);
        bn1 = new(to);
        conv2 = new(to, to, 3, padding: 1, biased: false);
        bn2 = new(to);
        if (stride != 1 || from != to) downsample = new((new(from, to, 1, stride, biased: false), to));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();                          // disposes what autograd does not keep
        var change = bn2.call(conv2.call(bn1.call(conv1.call(x)).ReluInPlace()));
        return change.AddInPlace(downsample is null ? x : downsample.call(x)).ReluInPlace().MoveToOuterDisposeScope();
    }
}
