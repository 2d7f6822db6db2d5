namespace Retort.Models;

/// <summary>Options of <see cref="WideResNet"/>; WRN-40-2 is depth 40, widening 2.</summary>
public sealed record WideResNetOptions : ModelOptions
{
    /// <summary>Layers with weights, 6n + 4 with n blocks a stage: 10, 16, 22, 28, 40.</summary>
    [Progression(6, 4, Examples = "10, 16, 22, 28, 40")] public int Depth { get; init; } = 16;

    /// <summary>k: the three stages have 16k, 32k and 64k channels.</summary>
    [AtLeast(1)] public int Widening { get; init; } = 2;

    public override Network Build(DatasetInfo info) => new WideResNet(OptionRules.Check(this), info);
}

/// <summary>
/// The wide residual network (Zagoruyko and Komodakis 2016, arXiv:1605.07146), without dropout: norm and ReLU before
/// each convolution. Hidden states: the three stages' sums, without a ReLU; embedding: the mean of the last after norm
/// and ReLU. Parameter names are those of the distillation literature's checkpoints.
/// </summary>
public sealed class WideResNet : Network
{
    readonly Conv2d conv1;
    readonly WideStage block1;
    readonly WideStage block2;
    readonly WideStage block3;
    readonly BatchNorm2d bn1;
    readonly Linear? fc;

    public WideResNet(WideResNetOptions options, DatasetInfo info) : base(nameof(WideResNet))
    {
        var (channels, _, _) = ImageInput.Of(info, "wide-resnet", least: 4);
        var (k, blocks) = (options.Widening, (options.Depth - 4) / 6);
        conv1 = new(channels, 16, 3, padding: 1, biased: false);
        block1 = new(16, 16 * k, blocks, stride: 1);
        block2 = new(16 * k, 32 * k, blocks, stride: 2);
        block3 = new(32 * k, 64 * k, blocks, stride: 2);
        bn1 = new(64 * k);
        fc = ClassifierOutputs.Classifier(64 * k, info);
        RegisterComponents();
        this.DrawKernels();
        this.ClearBiases();
    }

    public override OutputSet AvailableOutputs => ClassifierOutputs.Available(fc);

    public override MemoryFormat PreferredFormat => MemoryFormat.ChannelsLast;

    public override Outputs Forward(Inputs inputs, OutputSet wanted)
    {
        var low = block1.call(conv1.call(inputs.Image));                    // [B, 16k, H, W]
        var middle = block2.call(low);                                      // [B, 32k, H/2, W/2]
        var high = block3.call(middle);                                     // [B, 64k, H/4, W/4]
        return ClassifierOutputs.To(
            wanted, [low, middle, high], () => bn1.call(high).ReluInPlace().GlobalAvgPool2d(), fc);
    }
}

/// <summary>Blocks of one width; the first may change width and size.</summary>
sealed class WideStage : torch.nn.Module<Tensor, Tensor>
{
    readonly TorchSharp.Modules.ModuleList<WideBlock> layer;

    public WideStage(long from, long to, int blocks, long stride) : base(nameof(WideStage))
    {
        layer = new([.. Enumerable.Range(0, blocks)
            .Select(i => i == 0 ? new WideBlock(from, to, stride) : new(to, to, stride: 1))]);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => layer.Run(x);
}

/// <summary>
/// x + two convolutions of x, each after norm and ReLU; where the width changes, x goes through norm, ReLU and a 1 x 1
/// convolution. [B, I, H, W] → [B, O, H/stride, W/stride]
/// </summary>
sealed class WideBlock : torch.nn.Module<Tensor, Tensor>
{
    readonly BatchNorm2d bn1;
    readonly Conv2d conv1;
    readonly BatchNorm2d bn2;
    readonly Conv2d conv2;
    readonly Conv2d? convShortcut;

    public WideBlock(long from, long to, long stride) : base(nameof(WideBlock))
    {
        bn1 = new(from);
        conv1 = new(from, to, 3, stride, padding: 1, biased: false);
        bn2 = new(to);
        conv2 = new(to, to, 3, padding: 1, biased: false);
        if (from != to) convShortcut = new(from, to, 1, stride, biased: false);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();                          // disposes what autograd does not keep
        var normed = bn1.call(x).ReluInPlace();
        var change = conv2.call(bn2.call(conv1.call(normed)).ReluInPlace());
        return change.AddInPlace(convShortcut is null ? x : convShortcut.call(normed)).MoveToOuterDisposeScope();
    }
}
