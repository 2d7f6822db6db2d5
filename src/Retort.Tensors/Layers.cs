using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Retort.Tensors;

/// <summary>x Wᵀ + b, named and initialised as PyTorch does. [.., I] → [.., O]</summary>
public sealed class Linear : nn.Module<Tensor, Tensor>
{
    readonly Parameter weight;
    readonly Parameter? bias;

    public Linear(long from, long to, bool biased = true) : base(nameof(Linear))
    {
        var bound = 1 / Math.Sqrt(from);
        weight = new Parameter(empty(to, from).uniform_(-bound, bound));
        if (biased) bias = new Parameter(empty(to).uniform_(-bound, bound));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x.Linear(weight, bias);
}

/// <summary>A square convolution, named and initialised as PyTorch does. [B, I, H, W] → [B, O, H', W']</summary>
public sealed class Conv2d : nn.Module<Tensor, Tensor>
{
    readonly Parameter weight;
    readonly Parameter? bias;
    readonly long _stride;
    readonly long _padding;
    readonly long _groups;

    public Conv2d(long from, long to, long kernel, long stride = 1, long padding = 0, long groups = 1, bool biased = true) : base(nameof(Conv2d))
    {
        var bound = 1 / Math.Sqrt(from / groups * kernel * kernel);
        weight = new Parameter(empty(to, from / groups, kernel, kernel).uniform_(-bound, bound));
        if (biased) bias = new Parameter(empty(to).uniform_(-bound, bound));
        (_stride, _padding, _groups) = (stride, padding, groups);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x.Conv2d(weight, bias, _stride, _padding, _groups);
}

/// <summary>Batch normalisation of pictures with PyTorch's names and defaults. [B, C, H, W] → [B, C, H, W]</summary>
public sealed class BatchNorm2d : nn.Module<Tensor, Tensor>
{
    readonly Parameter weight;
    readonly Parameter bias;
    readonly Tensor running_mean;
    readonly Tensor running_var;
    readonly Tensor num_batches_tracked;
    readonly double _momentum;
    readonly double _epsilon;

    public BatchNorm2d(long width, double momentum = 0.1, double epsilon = 1e-5) : base(nameof(BatchNorm2d))
    {
        (weight, bias) = (new Parameter(ones(width)), new Parameter(zeros(width)));
        (running_mean, running_var, num_batches_tracked) = (zeros(width), ones(width), zeros([], dtype: ScalarType.Int64));
        (_momentum, _epsilon) = (momentum, epsilon);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        if (training)
            using (no_grad()) num_batches_tracked.add_(1);
        return x.BatchNorm(running_mean, running_var, weight, bias, training, _momentum, _epsilon);
    }
}
