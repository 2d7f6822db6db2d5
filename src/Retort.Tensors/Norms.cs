using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Retort.Tensors;

/// <summary>Batch normalization with PyTorch's names and defaults, of pictures or of vectors.</summary>
public abstract class BatchNorm : nn.Module<Tensor, Tensor>
{
    readonly long _rank;
    readonly long _otherRank;
    readonly Parameter weight;
    readonly Parameter bias;
    readonly Tensor running_mean;
    readonly Tensor running_var;
    readonly Tensor num_batches_tracked;
    readonly double _momentum;
    readonly double _epsilon;

    private protected BatchNorm(string name, long rank, long otherRank, long width, double momentum, double epsilon) : base(name)
    {
        ModuleFactory.Take(width);
        (_rank, _otherRank) = (rank, otherRank);
        (weight, bias) = (new Parameter(ones(width)), new Parameter(zeros(width)));
        (running_mean, running_var, num_batches_tracked) = (zeros(width), ones(width), zeros([], dtype: ScalarType.Int64));
        (_momentum, _epsilon) = (momentum, epsilon);
        register_parameter("weight", weight);
        register_parameter("bias", bias);
        register_buffer("running_mean", running_mean);
        register_buffer("running_var", running_var);
        register_buffer("num_batches_tracked", num_batches_tracked);
    }

    public override Tensor forward(Tensor x)
    {
        if (x.Dimensions != _rank && x.Dimensions != _otherRank)
            throw new ArgumentException($"{GetName()} is for {_rank} axes; [{string.Join(", ", x.shape)}] came.", nameof(x));
        var y = x.BatchNorm(running_mean, running_var, weight, bias, training, _momentum, _epsilon);
        if (training)
            using (no_grad()) num_batches_tracked.add_(ScalarArithmetic.One, ScalarArithmetic.One);
        return y;
    }
}

/// <summary>Batch normalization of vectors or sequences. [B, C] or [B, C, T] → the same</summary>
public sealed class BatchNorm1d(long width, double momentum = 0.1, double epsilon = 1e-5) : BatchNorm(nameof(BatchNorm1d), 2, 3, width, momentum, epsilon);

/// <summary>Batch normalization of pictures. [B, C, H, W] → [B, C, H, W]</summary>
public sealed class BatchNorm2d(long width, double momentum = 0.1, double epsilon = 1e-5) : BatchNorm(nameof(BatchNorm2d), 4, 4, width, momentum, epsilon);

/// <summary>Normalization of each vector by itself, with PyTorch's names and defaults. [.., D] → [.., D]</summary>
public sealed class LayerNorm : nn.Module<Tensor, Tensor>
{
    readonly Parameter weight;
    readonly Parameter? bias;
    readonly double _epsilon;

    public LayerNorm(long width, double epsilon = 1e-5, bool biased = true) : base(nameof(LayerNorm))
    {
        ModuleFactory.Take(width);
        weight = new Parameter(ones(width));
        if (biased) bias = new Parameter(zeros(width));
        _epsilon = epsilon;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x.LayerNorm(weight, bias, _epsilon);
}

/// <summary>Normalization of groups of channels of one example, with PyTorch's names and defaults. [B, C, ..] → [B, C, ..]</summary>
public sealed class GroupNorm : nn.Module<Tensor, Tensor>
{
    readonly Parameter weight;
    readonly Parameter bias;
    readonly long _groups;
    readonly double _epsilon;

    public GroupNorm(long groups, long width, double epsilon = 1e-5) : base(nameof(GroupNorm))
    {
        if (width % groups != 0)
            throw new ArgumentException($"GroupNorm: {width} channels cannot be cut into {groups} equal groups.", nameof(groups));
        ModuleFactory.Take(width);
        (weight, bias) = (new Parameter(ones(width)), new Parameter(zeros(width)));
        (_groups, _epsilon) = (groups, epsilon);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x.GroupNorm(_groups, weight, bias, _epsilon);
}
