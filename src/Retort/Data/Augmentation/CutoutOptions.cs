using Retort.Runtime.Features;

namespace Retort.Data.Augmentation;

/// <summary>
/// Fills a square with 0, the mean of the normalized data. The square's centre is anywhere in the image, so that part
/// of the square can lie outside (arXiv:1708.04552, §3.1).
/// </summary>
public sealed record CutoutOptions : AugmentationOptions
{
    /// <summary>The square's side in pixels. The paper uses 16 for CIFAR-10 and 8 for CIFAR-100.</summary>
    [AtLeast(1)] public int Size { get; init; } = 8;

    public override void Change(Span<float> example, ImageSize size, PixelRange range, ref RandomStream random)
    {
        var y = random.NextInt(size.Height) - Size / 2;
        var x = random.NextInt(size.Width) - Size / 2;
        var (top, bottom) = (Math.Max(y, 0), Math.Min(y + Size, size.Height));
        var (left, right) = (Math.Max(x, 0), Math.Min(x + Size, size.Width));
        for (var c = 0; c < size.Channels; c++)
            for (var row = top; row < bottom; row++)
                example.Slice(c * size.Area + row * size.Width + left, right - left).Clear();
    }

    public override void Check(NumericExamples examples) => CheckHasImages(examples, "cutout");
}
