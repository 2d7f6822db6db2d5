using Retort.Runtime.Features;

namespace Retort.Data.Augmentation;

/// <summary>Mirrors the image left to right.</summary>
public sealed record FlipOptions : AugmentationOptions
{
    /// <summary>The probability that an image is mirrored.</summary>
    [Share] public double Probability { get; init; } = 0.5;

    public override void Change(Span<float> example, ImageSize size, PixelRange range, ref RandomStream random)
    {
        if (!random.Bernoulli(Probability)) return;

        for (var start = 0; start < example.Length; start += size.Width) example.Slice(start, size.Width).Reverse();
    }

    public override void Check(NumericExamples examples) => CheckHasImages(examples, "flip");
}
