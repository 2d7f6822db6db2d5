namespace Retort.Models;

/// <summary>A row of the tables of the MobileNetV3 paper.</summary>
/// <param name="From">The channels of the input.</param>
/// <param name="Kernel">The side of the kernel that convolves channel by channel.</param>
/// <param name="Inside">The channels inside.</param>
/// <param name="To">The channels of the result.</param>
/// <param name="Squeezes">Whether it has a squeeze-and-excitation layer.</param>
/// <param name="Activation">The activation inside.</param>
/// <param name="Stride">The stride.</param>
sealed record MobileNetV3Block(
    long From, long Kernel, long Inside, long To, bool Squeezes, ConvActivation Activation, int Stride)
{
    /// <summary>The block of a network whose widths are this many times as large.</summary>
    public MobileNetV3Block Scaled(double factor) => this with
    {
        From = ScaledWidth.Rounded(From * factor),
        Inside = ScaledWidth.Rounded(Inside * factor),
        To = ScaledWidth.Rounded(To * factor),
    };
}

/// <summary>
/// Widened, convolved channel by channel, weighted by squeeze-and-excitation, narrowed; x added where shape allows.
/// [B, I, H, W] → [B, O, H/stride, W/stride]
/// </summary>
sealed class InvertedResidualV3 : torch.nn.Module<Tensor, Tensor>
{
    readonly LayerList block;
    readonly bool _residual;

    public InvertedResidualV3(MobileNetV3Block options) : base(nameof(InvertedResidualV3))
    {
        var (from, kernel, inside, to, squeezes, activation, stride) = options;
        _residual = stride == 1 && from == to;
        var layers = new List<torch.nn.Module<Tensor, Tensor>>();
        if (inside != from) layers.Add(Layer(from, inside, 1, activation));
        layers.Add(Layer(inside, inside, kernel, activation, stride, groups: inside));
        if (squeezes) layers.Add(new SqueezeExcitation(inside, ScaledWidth.Rounded(inside / 4)));
        layers.Add(Layer(inside, to, 1, ConvActivation.None));
        block = new(layers);
        RegisterComponents();
    }

    /// <summary>A convolution with the batch norm of MobileNetV3.</summary>
    public static ConvNormActivation Layer(
        long from, long to, long kernel, ConvActivation activation, long stride = 1, long groups = 1) =>
        new(new(from, to, kernel, stride, kernel / 2, groups, biased: false),
            new(to, momentum: 0.01, epsilon: 0.001), activation);

    public override Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();                          // disposes what autograd does not keep
        var y = block.Run(x);
        return (_residual ? y.AddInPlace(x) : y).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// Squeeze-and-excitation (Hu et al. 2018, arXiv:1709.01507) with a hard sigmoid: each channel times a weight that the
/// means of all channels decide. [B, C, H, W] → [B, C, H, W]
/// </summary>
sealed class SqueezeExcitation : torch.nn.Module<Tensor, Tensor>
{
    readonly Conv2d fc1;
    readonly Conv2d fc2;

    public SqueezeExcitation(long width, long inside) : base(nameof(SqueezeExcitation))
    {
        fc1 = new(width, inside, 1);
        fc2 = new(inside, width, 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();                          // disposes what autograd does not keep
        var means = x.GlobalAvgPool2d().Unsqueeze(-1).Unsqueeze(-1);        // [B, C, 1, 1]
        var weights = fc2.call(fc1.call(means).ReluInPlace()).HardSigmoid();
        return x.Times(weights).MoveToOuterDisposeScope();
    }
}
