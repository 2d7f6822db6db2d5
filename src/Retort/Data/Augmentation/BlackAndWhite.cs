namespace Retort.Data.Augmentation;

/// <summary>What has become of the darkest and the lightest number that a file can hold, once examples are normalised.</summary>
public readonly ref struct BlackAndWhite(ReadOnlySpan<float> black, ReadOnlySpan<float> white)
{
    /// <summary>0, channel by channel. [C]</summary>
    public ReadOnlySpan<float> Black { get; } = black;

    /// <summary>The scale, 255 for bytes, channel by channel. [C]</summary>
    public ReadOnlySpan<float> White { get; } = white;
}
