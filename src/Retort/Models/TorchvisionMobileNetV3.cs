using static Retort.Models.ConvActivation;

namespace Retort.Models;

/// <summary>The two networks of the MobileNetV3 paper.</summary>
public enum MobileNetV3Size
{
    /// <summary>MobileNetV3-Small.</summary>
    Small,

    /// <summary>MobileNetV3-Large.</summary>
    Large,
}

/// <summary>Options of <see cref="TorchvisionMobileNetV3"/>. Defaults are torchvision's.</summary>
public sealed record TorchvisionMobileNetV3Options : PretrainableModelOptions
{
    /// <summary>Which of the paper's two networks.</summary>
    public MobileNetV3Size Size { get; init; } = MobileNetV3Size.Small;

    /// <summary>The factor of every width; widths are rounded to multiples of 8.</summary>
    [Between(0.0625, 16)] public double Width { get; init; } = 1;

    /// <summary>The dropout before the last linear layer.</summary>
    [LessThanOne] public double Dropout { get; init; } = 0.2;

    internal override string ClassifierPrefix => "classifier.3.";

    internal override Network BuildDrawn(DatasetInfo info) => new TorchvisionMobileNetV3(this, info);
}

/// <summary>
/// MobileNetV3 (Howard et al. 2019, arXiv:1905.02244, Tables 1 and 2) as torchvision has it: the same names of
/// parameters, shapes, initial weights and outputs. Hidden states: the last map of each size (H/2, H/4, …, H/32);
/// embedding: the hidden layer of the classifier, 1,024 numbers of the small network and 1,280 of the large one.
/// </summary>
public sealed class TorchvisionMobileNetV3 : Network
{
    static readonly MobileNetV3Block[] Small =
    [
        new(16, 3, 16, 16, true, Relu, 2),
        new(16, 3, 72, 24, false, Relu, 2),
        new(24, 3, 88, 24, false, Relu, 1),
        new(24, 5, 96, 40, true, HardSwish, 2),
        new(40, 5, 240, 40, true, HardSwish, 1),
        new(40, 5, 240, 40, true, HardSwish, 1),
        new(40, 5, 120, 48, true, HardSwish, 1),
        new(48, 5, 144, 48, true, HardSwish, 1),
        new(48, 5, 288, 96, true, HardSwish, 2),
        new(96, 5, 576, 96, true, HardSwish, 1),
        new(96, 5, 576, 96, true, HardSwish, 1),
    ];

    static readonly MobileNetV3Block[] Large =
    [
        new(16, 3, 16, 16, false, Relu, 1),
        new(16, 3, 64, 24, false, Relu, 2),
        new(24, 3, 72, 24, false, Relu, 1),
        new(24, 5, 72, 40, true, Relu, 2),
        new(40, 5, 120, 40, true, Relu, 1),
        new(40, 5, 120, 40, true, Relu, 1),
        new(40, 3, 240, 80, false, HardSwish, 2),
        new(80, 3, 200, 80, false, HardSwish, 1),
        new(80, 3, 184, 80, false, HardSwish, 1),
        new(80, 3, 184, 80, false, HardSwish, 1),
        new(80, 3, 480, 112, true, HardSwish, 1),
        new(112, 3, 672, 112, true, HardSwish, 1),
        new(112, 5, 672, 160, true, HardSwish, 2),
        new(160, 5, 960, 160, true, HardSwish, 1),
        new(160, 5, 960, 160, true, HardSwish, 1),
    ];

    readonly MobileNetFeatures features;
    readonly TorchvisionClassifier classifier;

    public TorchvisionMobileNetV3(TorchvisionMobileNetV3Options options, DatasetInfo info)
        : base(nameof(TorchvisionMobileNetV3))
    {
        var (channels, _, _) = ImageInput.Of(info, "torchvision-mobilenet-v3", least: 8);
        var isLarge = options.Size == MobileNetV3Size.Large;
        MobileNetV3Block[] blocks = [.. (isLarge ? Large : Small).Select(block => block.Scaled(options.Width))];
        var pooled = 6 * blocks[^1].To;
        var hidden = ScaledWidth.Rounded((isLarge ? 1280 : 1024) * options.Width);
        features = new(
        [
            (InvertedResidualV3.Layer(channels, blocks[0].From, 3, HardSwish, stride: 2), 2),
            .. blocks.Select(block => ((torch.nn.Module<Tensor, Tensor>)new InvertedResidualV3(block), block.Stride)),
            (InvertedResidualV3.Layer(blocks[^1].To, pooled, 1, HardSwish), 1),
        ]);
        classifier = new(new(pooled, hidden), ClassifierOutputs.Classifier(hidden, info), options.Dropout);
        RegisterComponents();
        this.DrawWeights();
    }

    public override OutputSet AvailableOutputs => ClassifierOutputs.Available(classifier.OrNone);

    public override MemoryFormat PreferredFormat => MemoryFormat.ChannelsLast;

    public override Outputs Forward(Inputs inputs, OutputSet wanted)
    {
        var maps = features.Maps(inputs.Image);             // [B, 16w, H/2, W/2], …, [B, 96w or 160w, H/32, W/32]
        return ClassifierOutputs.To(wanted, maps, Embed, classifier.OrNone);

        Tensor Embed() => classifier.Embed(features.Last.call(maps[^1]).GlobalAvgPool2d());
    }
}
