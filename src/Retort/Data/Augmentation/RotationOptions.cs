using System.Buffers;
using Retort.Runtime.Features;

namespace Retort.Data.Augmentation;

/// <summary>
/// Rotates the image about its centre by an angle drawn uniformly in both directions, with bilinear interpolation.
/// What comes from outside is black.
/// </summary>
public sealed record RotationOptions : AugmentationOptions
{
    /// <summary>The largest angle in either direction. 20 in arXiv:2106.05945, §5.</summary>
    [Positive(AtMost = 180)] public double Degrees { get; init; } = 20;

    public override void Change(Span<float> example, ImageSize size, PixelRange range, ref RandomStream random)
    {
        var (sine, cosine) = Math.SinCos(random.Uniform(-Degrees, Degrees) * Math.PI / 180);
        var before = ArrayPool<float>.Shared.Rent(size.Area);
        for (var c = 0; c < size.Channels; c++)
        {
            var channel = example.Slice(c * size.Area, size.Area);
            channel.CopyTo(before);
            Rotate(before.AsSpan(0, size.Area), channel, size, (sine, cosine), range.Black[c]);
        }
        ArrayPool<float>.Shared.Return(before);
    }

    public override void Check(NumericExamples examples) => CheckHasImages(examples, "rotation");

    /// <summary>Finds each pixel's source by rotating backwards about the centre of the image.</summary>
    static void Rotate(
        ReadOnlySpan<float> source, Span<float> target, ImageSize size, (double Sine, double Cosine) angle, float black)
    {
        var (middleY, middleX) = ((size.Height - 1) / 2.0, (size.Width - 1) / 2.0);
        for (var y = 0; y < size.Height; y++)
            for (var x = 0; x < size.Width; x++)
            {
                var (down, right) = (y - middleY, x - middleX);
                var sourceY = middleY + angle.Cosine * down - angle.Sine * right;
                var sourceX = middleX + angle.Sine * down + angle.Cosine * right;
                target[y * size.Width + x] = Interpolate(source, size, sourceY, sourceX, black);
            }
    }

    static float Interpolate(ReadOnlySpan<float> source, ImageSize size, double y, double x, float black)
    {
        var (top, left) = ((int)Math.Floor(y), (int)Math.Floor(x));
        var (low, far) = ((float)(y - top), (float)(x - left));
        var topLeft = PixelOrBlack(source, size, top, left, black);
        var topRight = PixelOrBlack(source, size, top, left + 1, black);
        var bottomLeft = PixelOrBlack(source, size, top + 1, left, black);
        var bottomRight = PixelOrBlack(source, size, top + 1, left + 1, black);
        return (1 - low) * ((1 - far) * topLeft + far * topRight) + low * ((1 - far) * bottomLeft + far * bottomRight);
    }

    static float PixelOrBlack(ReadOnlySpan<float> source, ImageSize size, int y, int x, float black) =>
        y >= 0 && y < size.Height && x >= 0 && x < size.Width ? source[y * size.Width + x] : black;
}
