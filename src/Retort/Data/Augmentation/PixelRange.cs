namespace Retort.Data.Augmentation;

/// <summary>The normalized values of the darkest and the lightest pixel that a file can hold.</summary>
public readonly ref struct PixelRange(ReadOnlySpan<float> black, ReadOnlySpan<float> white)
{
    /// <summary>The normalized value of 0 in each channel. [C]</summary>
    public ReadOnlySpan<float> Black { get; } = black;

    /// <summary>The normalized value of the scale (255 for bytes) in each channel. [C]</summary>
    public ReadOnlySpan<float> White { get; } = white;
}
