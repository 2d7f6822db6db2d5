using TorchSharp.Modules;

namespace Retort.Tensors;

/// <summary>
/// A convolution with a square kernel, with PyTorch's parameter names and initialization.
/// [B, I, H, W] → [B, O, H', W']
/// </summary>
public sealed class Conv2d : nn.Module<Tensor, Tensor>
{
    readonly Parameter weight;                                              // [O, I / groups, K, K]
    readonly Parameter? bias;                                               // [O]
    readonly long _stride;
    readonly long _padding;
    readonly long _groups;

    /// <param name="from">I.</param>
    /// <param name="to">O.</param>
    /// <param name="kernel">K.</param>
    /// <param name="stride">Step of the kernel in pixels.</param>
    /// <param name="padding">Zeros on each side, in pixels.</param>
    /// <param name="groups">Groups of channels, each with its own weights.</param>
    /// <param name="biased">Whether to add a bias.</param>
    public Conv2d(
        long from, long to, long kernel, long stride = 1, long padding = 0, long groups = 1, bool biased = true)
        : base(nameof(Conv2d))
    {
        if (from % groups != 0 || to % groups != 0)
            throw new ArgumentException(
                $"Conv2d: {from} and {to} channels cannot be cut into {groups} equal groups.", nameof(groups));

        ModuleFactory.Reserve(to, from / groups, kernel, kernel);
        var bound = 1 / Math.Sqrt(from / groups * kernel * kernel);
        weight = new Parameter(empty(to, from / groups, kernel, kernel).uniform_(-bound, bound));
        if (biased) bias = new Parameter(empty(to).uniform_(-bound, bound));
        _stride = stride;
        _padding = padding;
        _groups = groups;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x.Conv2d(weight.Value, bias?.Value, _stride, _padding, _groups);
}
