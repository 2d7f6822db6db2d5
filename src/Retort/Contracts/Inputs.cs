namespace Retort.Contracts;

/// <summary>What a network is fed: tensors in order, each under the name it keeps in the exported graph.</summary>
public sealed class Inputs(params IReadOnlyList<(string Name, Tensor Value)> parts)
{
    /// <summary>The tensors in order.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Parts => parts;

    /// <summary>Pictures. [B, C, H, W]</summary>
    public Tensor Pixels => this["pixels"];

    /// <summary>Word piece numbers. [B, T]</summary>
    public Tensor Tokens => this["tokens"];

    /// <summary>1 where a token is real, 0 where it is padding. [B, T]</summary>
    public Tensor Mask => this["mask"];

    /// <summary>The tensor of this name.</summary>
    public Tensor this[string name]
    {
        get
        {
            foreach (var part in parts)
                if (part.Name == name) return part.Value;
            throw new InvalidOperationException(
                $"This data has no input '{name}'; it has {string.Join(", ", parts.Select(part => part.Name))}.");
        }
    }
}
