using Retort.Runtime.Features;

namespace Retort.Data.Augmentation;

/// <summary>Adds normally distributed noise to every value.</summary>
public sealed record NoiseOptions : AugmentationOptions
{
    /// <summary>The noise's standard deviation. The normalized data's own is 1.</summary>
    [Positive] public double StandardDeviation { get; init; } = 0.1;

    public override void Change(Span<float> example, ImageSize size, PixelRange range, ref RandomStream random)
    {
        foreach (ref var value in example) value += (float)(StandardDeviation * random.Normal());
    }
}
