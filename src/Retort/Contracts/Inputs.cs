namespace Retort.Contracts;

/// <summary>The input tensors of a network in order, each with its name in the exported graph.</summary>
public sealed class Inputs(params IReadOnlyList<(string Name, Tensor Value)> parts)
{
    /// <summary>The tensors in order.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Parts => parts;

    /// <inheritdoc cref="InputNames.PixelValues"/>
    public Tensor PixelValues => this[InputNames.PixelValues];

    /// <summary>What networks for images take: images, or spectrograms. [B, C, H, W] float32</summary>
    public Tensor Image => Find(InputNames.InputFeatures) ?? PixelValues;

    /// <inheritdoc cref="InputNames.InputIds"/>
    public Tensor InputIds => this[InputNames.InputIds];

    /// <inheritdoc cref="InputNames.AttentionMask"/>
    public Tensor AttentionMask => this[InputNames.AttentionMask];

    /// <summary>The tensor of this name.</summary>
    public Tensor this[string name] => Find(name) ?? throw new InvalidOperationException(
        $"This data has no input '{name}'; it has {string.Join(", ", parts.Select(part => part.Name))}.");

    /// <summary>The tensor of this name; null where there is none.</summary>
    public Tensor? Find(string name)
    {
        foreach (var part in parts)
            if (part.Name == name) return part.Value;
        return null;
    }
}
