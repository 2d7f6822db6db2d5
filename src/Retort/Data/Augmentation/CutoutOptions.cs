using Retort.Runtime.Features;

namespace Retort.Data.Augmentation;

/// <summary>
/// A square is wiped out, its centre anywhere in the picture; what lies over the edge is lost (arXiv:1708.04552, §3.1).
/// It is filled with 0 after normalization, the mean of the data.
/// </summary>
public sealed record CutoutOptions : AugmentationOptions
{
    /// <summary>The square's side in pixels. The paper has 16 for CIFAR-10, 8 for CIFAR-100.</summary>
    [AtLeast(1)] public int Size { get; init; } = 8;

    public override void Change(Span<float> example, ImageSize canvas, BlackAndWhite shades, ref RandomStream chance)
    {
        var (y, x) = (chance.NextInt(canvas.Height) - Size / 2, chance.NextInt(canvas.Width) - Size / 2);
        var (top, bottom) = (Math.Max(y, 0), Math.Min(y + Size, canvas.Height));
        var (left, right) = (Math.Max(x, 0), Math.Min(x + Size, canvas.Width));
        for (var c = 0; c < canvas.Channels; c++)
            for (var row = top; row < bottom; row++)
                example.Slice(c * canvas.Area + row * canvas.Width + left, right - left).Clear();
    }

    public override void Check(Examples examples) => CheckPictures(examples, "cutout");
}
