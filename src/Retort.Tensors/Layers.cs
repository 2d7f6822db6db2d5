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
        ModuleFactory.Take(to, from);
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
        if (from % groups != 0 || to % groups != 0)
            throw new ArgumentException($"Conv2d: {from} and {to} channels cannot be cut into {groups} equal groups.", nameof(groups));
        ModuleFactory.Take(to, from / groups, kernel, kernel);
        var bound = 1 / Math.Sqrt(from / groups * kernel * kernel);
        weight = new Parameter(empty(to, from / groups, kernel, kernel).uniform_(-bound, bound));
        if (biased) bias = new Parameter(empty(to).uniform_(-bound, bound));
        (_stride, _padding, _groups) = (stride, padding, groups);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x.Conv2d(weight, bias, _stride, _padding, _groups);
}

/// <summary>A table of vectors by number, drawn from N(0, 1) as PyTorch does. [..] int64 → [.., D]</summary>
public sealed class Embedding : nn.Module<Tensor, Tensor>
{
    readonly Parameter weight;
    readonly long? _padding;

    /// <param name="count">How many vectors: the numbers go from 0 to count - 1.</param>
    /// <param name="width">D.</param>
    /// <param name="padding">The number of the padding, whose vector begins at zero and is never trained.</param>
    public Embedding(long count, long width, long? padding = null) : base(nameof(Embedding))
    {
        ModuleFactory.Take(count, width);
        var drawn = empty(count, width).normal_();
        if (padding is { } row) drawn[row].zero_();
        (weight, _padding) = (new Parameter(drawn), padding);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var rows = weight.TakeRows(x);                                          // [.., D]
        if (_padding is not { } number || !rows.requires_grad) return rows;
        using var padding = number.ToScalar();
        return Recorder.Trace(where(x.eq(padding).unsqueeze(-1), rows.detach(), rows), "Identity", [rows]);
    }
}

/// <summary>Drops numbers in training, with probability ½ unless told, and scales the rest up. any shape</summary>
public sealed class Dropout : nn.Module<Tensor, Tensor>
{
    readonly double _probability;

    public Dropout(double probability = 0.5) : base(nameof(Dropout))
    {
        if (!(probability >= 0 && probability < 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "Dropout: the probability must lie in [0, 1).");
        _probability = probability;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x.Dropout(_probability, training);
}
