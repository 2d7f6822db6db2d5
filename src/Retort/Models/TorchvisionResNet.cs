namespace Retort.Models;

/// <summary>Options of <see cref="TorchvisionResNet"/>.</summary>
public sealed record TorchvisionResNetOptions : PretrainableModelOptions
{
    /// <summary>Blocks of the four stages, by depth.</summary>
    static readonly Dictionary<int, int[]> Stages = new()
    {
        [18] = [2, 2, 2, 2],
        [34] = [3, 4, 6, 3],
        [50] = [3, 4, 6, 3],
        [101] = [3, 4, 23, 3],
        [152] = [3, 8, 36, 3],
    };

    /// <summary>Layers with weights, as in the network's name: 18 is resnet18.</summary>
    [OneOf(18, 34, 50, 101, 152)] public int Depth { get; init; } = 18;

    internal IReadOnlyList<int> BlockCounts => Stages[Depth];

    /// <summary>Whether a block is a bottleneck: 1 x 1, 3 x 3 and 1 x 1 convolutions.</summary>
    internal bool HasBottlenecks => Depth >= 50;

    internal override string ClassifierPrefix => "fc.";

    internal override Network BuildDrawn(DatasetInfo info) => new TorchvisionResNet(this, info);
}

/// <summary>
/// The residual network for large images (He et al. 2016, arXiv:1512.03385, Table 1) as torchvision has it: the same
/// names of parameters, shapes, initial weights and outputs. Hidden states: the four stages' maps after their last
/// ReLU; embedding: the mean of the last, 512 or 2,048 numbers.
/// </summary>
/// <remarks>
/// Differs from the paper as torchvision does: a bottleneck has its stride in the 3 x 3 convolution ("ResNet v1.5").
/// </remarks>
public sealed class TorchvisionResNet : Network
{
    static readonly long[] Widths = [64, 128, 256, 512];

    readonly Conv2d conv1;
    readonly BatchNorm2d bn1;
    readonly LayerList layer1;
    readonly LayerList layer2;
    readonly LayerList layer3;
    readonly LayerList layer4;
    readonly Linear? fc;

    public TorchvisionResNet(TorchvisionResNetOptions options, DatasetInfo info) : base(nameof(TorchvisionResNet))
    {
        var (channels, _, _) = ImageInput.Of(info, "torchvision-resnet", least: 8);
        var expansion = options.HasBottlenecks ? BottleneckBlock.Expansion : 1;
        var width = Widths[0];
        conv1 = new(channels, width, 7, stride: 2, padding: 3, biased: false);
        bn1 = new(width);
        layer1 = Stage(0);
        layer2 = Stage(1);
        layer3 = Stage(2);
        layer4 = Stage(3);
        fc = ClassifierOutputs.Classifier(width, info);
        RegisterComponents();
        this.DrawKernels();

        LayerList Stage(int index)
        {
            var blocks = new torch.nn.Module<Tensor, Tensor>[options.BlockCounts[index]];
            for (var i = 0; i < blocks.Length; i++)
            {
                var stride = i == 0 && index > 0 ? 2 : 1;
                blocks[i] = options.HasBottlenecks
                    ? new BottleneckBlock(width, Widths[index], stride)
                    : new ResidualBlock(width, Widths[index], stride);
                width = Widths[index] * expansion;
            }
            return new(blocks);
        }
    }

    public override OutputSet AvailableOutputs => ClassifierOutputs.Available(fc);

    public override MemoryFormat PreferredFormat => MemoryFormat.ChannelsLast;

    public override Outputs Forward(Inputs inputs, OutputSet wanted)
    {
        var stem = bn1.call(conv1.call(inputs.Image)).ReluInPlace();            // [B, 64, H/2, W/2]
        var first = layer1.Run(stem.MaxPool2d(3, stride: 2, padding: 1));       // [B, 64e, H/4, W/4], e is 1 or 4
        var second = layer2.Run(first);                                         // [B, 128e, H/8, W/8]
        var third = layer3.Run(second);                                         // [B, 256e, H/16, W/16]
        var fourth = layer4.Run(third);                                         // [B, 512e, H/32, W/32]
        return ClassifierOutputs.To(wanted, [first, second, third, fourth], fourth.GlobalAvgPool2d, fc);
    }
}

/// <summary>
/// relu(x' + narrowed, convolved and widened x), x' the shortcut. [B, I, H, W] → [B, 4W, H/stride, W/stride]
/// </summary>
sealed class BottleneckBlock : torch.nn.Module<Tensor, Tensor>
{
    /// <summary>How many times the inner width the result has.</summary>
    public const int Expansion = 4;

    readonly Conv2d conv1;
    readonly BatchNorm2d bn1;
    readonly Conv2d conv2;
    readonly BatchNorm2d bn2;
    readonly Conv2d conv3;
    readonly BatchNorm2d bn3;
    readonly ConvChain? downsample;

    public BottleneckBlock(long from, long inside, long stride) : base(nameof(BottleneckBlock))
    {
        var to = inside * Expansion;
        conv1 = new(from, inside, 1, biased: false);
        bn1 = new(inside);
        conv2 = new(inside, inside, 3, stride, padding: 1, biased: false);
        bn2 = new(inside);
        conv3 = new(inside, to, 1, biased: false);
        bn3 = new(to);
        if (stride != 1 || from != to) downsample = new((new(from, to, 1, stride, biased: false), to));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();                          // disposes what autograd does not keep
        var narrow = bn1.call(conv1.call(x)).ReluInPlace();
        var change = bn3.call(conv3.call(bn2.call(conv2.call(narrow)).ReluInPlace()));
        return change.AddInPlace(downsample is null ? x : downsample.call(x)).ReluInPlace().MoveToOuterDisposeScope();
    }
}
