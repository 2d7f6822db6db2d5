namespace Retort.Models;

/// <summary>Options of <see cref="Vgg"/>.</summary>
public sealed record VggOptions : ModelOptions
{
    /// <summary>Convolutions of the five stages, by depth.</summary>
    static readonly Dictionary<int, int[]> Stages = new()
    {
        [8] = [1, 1, 1, 1, 1],
        [11] = [1, 1, 2, 2, 2],
        [13] = [2, 2, 2, 2, 2],
        [16] = [2, 2, 3, 3, 3],
        [19] = [2, 2, 4, 4, 4],
    };

    /// <summary>8, 11, 13, 16 or 19, as in the networks' names. One linear layer replaces the paper's three.</summary>
    [OneOf(8, 11, 13, 16, 19)] public int Depth { get; init; } = 8;

    internal IReadOnlyList<int> Convolutions => Stages[Depth];

    public override Network Build(DatasetInfo info) => new Vgg(OptionRules.Check(this), info);
}

/// <summary>
/// VGG with batch norm for small images (Simonyan and Zisserman 2015, arXiv:1409.1556): five stages of 64, 128, 256,
/// 512 and 512 channels. Hidden states: the five stages' maps after their last ReLU; embedding: the mean of the last.
/// Parameter names are those of the distillation literature's checkpoints.
/// </summary>
/// <remarks>
/// As in the distillation literature the last two stages share a map size, so that 32 x 32 pixels end as 4 x 4; images
/// of at least 64 x 64 are halved once more between them. Convolutions have a bias, which the norm after them cancels.
/// </remarks>
public sealed class Vgg : Network
{
    static readonly long[] Widths = [64, 128, 256, 512, 512];

    readonly ConvChain block0;
    readonly ConvChain block1;
    readonly ConvChain block2;
    readonly ConvChain block3;
    readonly ConvChain block4;
    readonly Linear? classifier;
    readonly bool _large;

    public Vgg(VggOptions options, DatasetInfo info) : base(nameof(Vgg))
    {
        var (channels, height, width) = ImageInput.Of(info, "vgg", least: 8);
        _large = Math.Min(height, width) >= 64;
        block0 = Stage(channels, 0);
        block1 = Stage(Widths[0], 1);
        block2 = Stage(Widths[1], 2);
        block3 = Stage(Widths[2], 3);
        block4 = Stage(Widths[3], 4);
        classifier = ClassifierOutputs.Classifier(Widths[4], info);
        RegisterComponents();
        this.DrawWeights();

        ConvChain Stage(long from, int stage) => new([.. Enumerable.Range(0, options.Convolutions[stage])
            .Select(i => (new Conv2d(i == 0 ? from : Widths[stage], Widths[stage], 3, padding: 1), Widths[stage]))]);
    }

    public override OutputSet AvailableOutputs => ClassifierOutputs.Available(classifier);

    public override MemoryFormat PreferredFormat => MemoryFormat.ChannelsLast;

    public override Outputs Forward(Inputs inputs, OutputSet wanted)
    {
        var first = block0.call(inputs.Image).ReluInPlace();                       // [B, 64, H, W]
        var second = block1.call(first.MaxPool2d(2)).ReluInPlace();                // [B, 128, H/2, W/2]
        var third = block2.call(second.MaxPool2d(2)).ReluInPlace();                // [B, 256, H/4, W/4]
        var fourth = block3.call(third.MaxPool2d(2)).ReluInPlace();                // [B, 512, H/8, W/8]
        var smaller = _large ? fourth.MaxPool2d(2) : fourth;
        var fifth = block4.call(smaller).ReluInPlace();                            // [B, 512, H/8, W/8], large: H/16
        return ClassifierOutputs.To(
            wanted, [first, second, third, fourth, fifth], fifth.GlobalAvgPool2d, classifier);
    }
}
