using TorchSharp.Modules;

namespace Retort.Tensors;

/// <summary>
/// Normalization over groups of channels of each example, with PyTorch's parameter names and defaults.
/// [B, C, ..] → [B, C, ..]
/// </summary>
public sealed class GroupNorm : nn.Module<Tensor, Tensor>
{
    readonly Parameter weight;
    readonly Parameter bias;
    readonly long _groups;
    readonly double _epsilon;

    public GroupNorm(long groups, long width, double epsilon = 1e-5) : base(nameof(GroupNorm))
    {
        if (width % groups != 0)
            throw new ArgumentException(
                $"GroupNorm: {width} channels cannot be cut into {groups} equal groups.", nameof(groups));

        ModuleFactory.Reserve(width);
        weight = new Parameter(ones(width));
        bias = new Parameter(zeros(width));
        _groups = groups;
        _epsilon = epsilon;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x.GroupNorm(_groups, weight.Value, bias.Value, _epsilon);
}
