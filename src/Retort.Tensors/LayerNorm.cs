using TorchSharp.Modules;

namespace Retort.Tensors;

/// <summary>Normalization over the last axis, with PyTorch's parameter names and defaults. [.., D] → [.., D]</summary>
public sealed class LayerNorm : nn.Module<Tensor, Tensor>
{
    readonly Parameter weight;
    readonly Parameter? bias;
    readonly double _epsilon;

    public LayerNorm(long width, double epsilon = 1e-5, bool biased = true) : base(nameof(LayerNorm))
    {
        ModuleFactory.Reserve(width);
        weight = new Parameter(ones(width));
        if (biased) bias = new Parameter(zeros(width));
        _epsilon = epsilon;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x.LayerNorm(weight.Value, bias?.Value, _epsilon);
}
