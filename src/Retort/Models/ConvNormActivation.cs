namespace Retort.Models;

/// <summary>The activation after a convolution and its norm.</summary>
enum ConvActivation
{
    /// <summary>None.</summary>
    None,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>min(max(x, 0), 6).</summary>
    Relu6,

    /// <summary>x · hard sigmoid of x.</summary>
    HardSwish,
}

/// <summary>
/// A convolution, its norm and an activation, with the parameter names of torchvision's Conv2dNormActivation: 0 and 1.
/// The padding keeps the map's size, apart from the stride. [B, I, H, W] → [B, O, H/stride, W/stride]
/// </summary>
sealed class ConvNormActivation : torch.nn.Module<Tensor, Tensor>
{
    readonly (Conv2d Convolution, BatchNorm2d Norm) _layers;                // a field of a module's type names it
    readonly ConvActivation _activation;

    public ConvNormActivation(Conv2d convolution, BatchNorm2d norm, ConvActivation activation)
        : base(nameof(ConvNormActivation))
    {
        _layers = (convolution, norm);
        _activation = activation;
        register_module("0", convolution);
        register_module("1", norm);
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();                          // disposes what autograd does not keep
        var normed = _layers.Norm.call(_layers.Convolution.call(x));
        var y = _activation switch
        {
            ConvActivation.Relu => normed.ReluInPlace(),
            ConvActivation.Relu6 => normed.Relu6(),
            ConvActivation.HardSwish => normed.HardSwish(),
            _ => normed,
        };
        return y.MoveToOuterDisposeScope();
    }
}

/// <summary>Channel counts of networks whose width is a factor.</summary>
static class ScaledWidth
{
    const int Divisor = 8;

    /// <summary>
    /// The nearest multiple of 8, at least 8 and no more than a tenth below the number, as in torchvision's
    /// _make_divisible.
    /// </summary>
    public static long Rounded(double channels)
    {
        var rounded = Math.Max(Divisor, (long)(channels + Divisor / 2.0) / Divisor * Divisor);
        return rounded < 0.9 * channels ? rounded + Divisor : rounded;
    }
}
