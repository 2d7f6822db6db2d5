using TorchSharp.Modules;

namespace Retort.Tensors;

/// <summary>Batch normalization with PyTorch's parameter names and defaults.</summary>
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

    private protected BatchNorm(string name, long rank, long otherRank, long width, double momentum, double epsilon)
        : base(name)
    {
        ModuleFactory.Reserve(width);
        _rank = rank;
        _otherRank = otherRank;
        _momentum = momentum;
        _epsilon = epsilon;

        weight = new Parameter(ones(width));
        bias = new Parameter(zeros(width));
        running_mean = zeros(width);
        running_var = ones(width);
        num_batches_tracked = zeros([], dtype: ScalarType.Int64);
        register_parameter("weight", weight);
        register_parameter("bias", bias);
        register_buffer("running_mean", running_mean);
        register_buffer("running_var", running_var);
        register_buffer("num_batches_tracked", num_batches_tracked);
    }

    /// <summary>Whether it uses the running statistics in training too, and leaves them as they are.</summary>
    public bool IsFrozen { get; set; }

    public override Tensor forward(Tensor x)
    {
        if (x.Dimensions != _rank && x.Dimensions != _otherRank)
            throw new ArgumentException($"{GetName()} is for {_rank} axes; {Shape.Text(x.shape)} came.", nameof(x));

        var measures = training && !IsFrozen;
        var y = x.BatchNorm(running_mean, running_var, weight, bias, measures, _momentum, _epsilon);
        if (measures)
            using (no_grad()) num_batches_tracked.add_(ScalarArithmetic.One, ScalarArithmetic.One);
        return y;
    }
}
