using Retort.Runtime.Features;

namespace Retort.Data.Augmentation;

/// <summary>Top becomes bottom in a share of the showings.</summary>
public sealed record VerticalFlipOptions : AugmentationOptions
{
    /// <summary>The share.</summary>
    [Share] public double Share { get; init; } = 0.5;

    public override void Change(Span<float> example, ImageSize canvas, BlackAndWhite shades, ref RandomStream chance)
    {
        if (!chance.Bernoulli(Share)) return;
        for (var c = 0; c < canvas.Channels; c++)
            for (var (y, end) = (0, canvas.Height - 1); y < end; y++, end--)
            {
                var above = Row(example, canvas, c, y);
                var below = Row(example, canvas, c, end);
                for (var x = 0; x < canvas.Width; x++) (above[x], below[x]) = (below[x], above[x]);
            }
    }

    public override void Check(Examples examples) => CheckPictures(examples, "vertical-flip");

    static Span<float> Row(Span<float> example, ImageSize canvas, int c, int y) =>
        example.Slice(c * canvas.Area + y * canvas.Width, canvas.Width);
}
