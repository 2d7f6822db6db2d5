using Retort.Runtime.Features;

namespace Retort.Data.Augmentation;

/// <summary>A normal number is added to each number of the example.</summary>
public sealed record NoiseOptions : AugmentationOptions
{
    /// <summary>Its deviation, in units of the normalised data (whose own deviation is 1).</summary>
    [Positive] public double StandardDeviation { get; init; } = 0.1;

    public override void Change(Span<float> example, ImageSize canvas, BlackAndWhite shades, ref RandomStream chance)
    {
        foreach (ref var value in example) value += (float)(StandardDeviation * chance.Normal());
    }
}
