namespace Retort.Models;

/// <summary>Options of <see cref="TorchvisionMobileNetV2"/>. Defaults are torchvision's.</summary>
public sealed record TorchvisionMobileNetV2Options : PretrainableModelOptions
{
    /// <summary>
    /// The factor of every width; widths are rounded to multiples of 8. The last 1 x 1 convolution has at least 1,280
    /// channels.
    /// </summary>
    [Between(0.0625, 16)] public double Width { get; init; } = 1;

    /// <summary>The dropout before the classifier.</summary>
    [LessThanOne] public double Dropout { get; init; } = 0.2;

    internal override string ClassifierPrefix => "classifier.1.";

    internal override Network BuildDrawn(DatasetInfo info) => new TorchvisionMobileNetV2(this, info);
}

/// <summary>
/// MobileNetV2 for large images (Sandler et al. 2018, arXiv:1801.04381, Table 2) as torchvision has it: the same names
/// of parameters, shapes, initial weights and outputs. Hidden states: the last map of each size (H/2, H/4, …, H/32);
/// embedding: the mean after the last convolution, 1,280 numbers.
/// </summary>
public sealed class TorchvisionMobileNetV2 : Network
{
    /// <summary>Expansion, width, blocks and first stride of the seven stages.</summary>
    static readonly (int Expansion, int Width, int Blocks, int Stride)[] Stages =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    readonly MobileNetFeatures features;
    readonly TorchvisionClassifier classifier;

    public TorchvisionMobileNetV2(TorchvisionMobileNetV2Options options, DatasetInfo info)
        : base(nameof(TorchvisionMobileNetV2))
    {
        var (channels, _, _) = ImageInput.Of(info, "torchvision-mobilenet-v2", least: 8);
        var last = ScaledWidth.Rounded(1280 * Math.Max(1, options.Width));
        features = new([.. Layers(channels, last, options.Width)]);
        classifier = new(hidden: null, ClassifierOutputs.Classifier(last, info), options.Dropout);
        RegisterComponents();
        this.DrawWeights();
    }

    public override OutputSet AvailableOutputs => ClassifierOutputs.Available(classifier.OrNone);

    public override MemoryFormat PreferredFormat => MemoryFormat.ChannelsLast;

    public override Outputs Forward(Inputs inputs, OutputSet wanted)
    {
        var maps = features.Maps(inputs.Image);             // [B, 16w, H/2, W/2], …, [B, 320w, H/32, W/32]
        return ClassifierOutputs.To(
            wanted, maps, () => features.Last.call(maps[^1]).GlobalAvgPool2d(), classifier.OrNone);
    }

    static IEnumerable<(torch.nn.Module<Tensor, Tensor> Layer, int Stride)> Layers(
        long channels, long last, double factor)
    {
        const ConvActivation Relu6 = ConvActivation.Relu6;
        var width = ScaledWidth.Rounded(32 * factor);
        yield return (new ConvNormActivation(
            new(channels, width, 3, stride: 2, padding: 1, biased: false), new(width), Relu6), 2);

        foreach (var (expansion, full, blocks, first) in Stages)
            for (var i = 0; i < blocks; i++)
            {
                var (to, stride) = (ScaledWidth.Rounded(full * factor), i == 0 ? first : 1);
                yield return (new InvertedResidual(width, to, stride, expansion), stride);
                width = to;
            }
        yield return (new ConvNormActivation(new(width, last, 1, biased: false), new(last), Relu6), 1);
    }
}

/// <summary>
/// Widened, convolved channel by channel, narrowed; x added where shape allows. [B, I, H, W] → [B, O, H/stride,
/// W/stride]
/// </summary>
sealed class InvertedResidual : torch.nn.Module<Tensor, Tensor>
{
    readonly LayerList conv;
    readonly bool _residual;

    public InvertedResidual(long from, long to, long stride, int expansion) : base(nameof(InvertedResidual))
    {
        const ConvActivation Relu6 = ConvActivation.Relu6;
        var inside = from * expansion;
        _residual = stride == 1 && from == to;
        var layers = new List<torch.nn.Module<Tensor, Tensor>>();
        if (expansion != 1)
            layers.Add(new ConvNormActivation(new(from, inside, 1, biased: false), new(inside), Relu6));
        layers.Add(new ConvNormActivation(
            new(inside, inside, 3, stride, padding: 1, groups: inside, biased: false), new(inside), Relu6));
        layers.Add(new Conv2d(inside, to, 1, biased: false));
        layers.Add(new BatchNorm2d(to));
        conv = new(layers);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();                          // disposes what autograd does not keep
        var y = conv.Run(x);
        return (_residual ? y.AddInPlace(x) : y).MoveToOuterDisposeScope();
    }
}
