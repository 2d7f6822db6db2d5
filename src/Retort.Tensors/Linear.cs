using TorchSharp.Modules;

namespace Retort.Tensors;

/// <summary>x Wᵀ + b, with PyTorch's parameter names and initialization. [.., I] → [.., O]</summary>
public sealed class Linear : nn.Module<Tensor, Tensor>
{
    readonly Parameter weight;                                              // [O, I]
    readonly Parameter? bias;                                               // [O]

    /// <param name="from">I.</param>
    /// <param name="to">O.</param>
    /// <param name="biased">Whether to add b.</param>
    public Linear(long from, long to, bool biased = true) : base(nameof(Linear))
    {
        ModuleFactory.Reserve(to, from);
        var bound = 1 / Math.Sqrt(from);
        weight = new Parameter(empty(to, from).uniform_(-bound, bound));
        if (biased) bias = new Parameter(empty(to).uniform_(-bound, bound));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x.Linear(weight.Value, bias?.Value);
}
