using Retort.Runtime.Features;

namespace Retort.Data.Augmentation;

/// <summary>Mirrors the image top to bottom.</summary>
public sealed record VerticalFlipOptions : AugmentationOptions
{
    /// <summary>The probability that an image is mirrored.</summary>
    [Share] public double Probability { get; init; } = 0.5;

    public override void Change(Span<float> example, ImageSize size, PixelRange range, ref RandomStream random)
    {
        if (!random.Bernoulli(Probability)) return;

        for (var c = 0; c < size.Channels; c++)
            for (var (y, end) = (0, size.Height - 1); y < end; y++, end--)
            {
                var above = Row(example, size, c, y);
                var below = Row(example, size, c, end);
                for (var x = 0; x < size.Width; x++) (above[x], below[x]) = (below[x], above[x]);
            }
    }

    public override void Check(NumericExamples examples) => CheckHasImages(examples, "vertical-flip");

    static Span<float> Row(Span<float> example, ImageSize size, int c, int y) =>
        example.Slice(c * size.Area + y * size.Width, size.Width);
}
