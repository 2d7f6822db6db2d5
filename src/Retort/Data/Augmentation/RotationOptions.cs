using System.Buffers;
using Retort.Report;
using Retort.Runtime.Features;

namespace Retort.Data.Augmentation;

/// <summary>
/// The picture is turned about its centre by an angle drawn evenly from both sides; between pixels it is read off
/// linearly, and what comes in is black.
/// </summary>
public sealed record RotationOptions : AugmentationOptions
{
    /// <summary>The largest angle, either way. 20 in arXiv:2106.05945, §5.</summary>
    [Positive(AtMost = 180)] public double Degrees { get; init; } = 20;

    public override void Change(Span<float> example, ImageSize canvas, BlackAndWhite shades, ref RandomStream chance)
    {
        var (sine, cosine) = Math.SinCos(chance.Uniform(-Degrees, Degrees) * Math.PI / 180);
        var before = ArrayPool<float>.Shared.Rent(canvas.Area);
        for (var c = 0; c < canvas.Channels; c++)
        {
            var channel = example.Slice(c * canvas.Area, canvas.Area);
            channel.CopyTo(before);
            Turn(before.AsSpan(0, canvas.Area), channel, canvas, (sine, cosine), shades.Black[c]);
        }
        ArrayPool<float>.Shared.Return(before);
    }

    public override void Check(Examples examples) => CheckPictures(examples, "rotation");

    // where each pixel comes from: the turn backwards, about the middle of the middle pixels
    static void Turn(ReadOnlySpan<float> from, Span<float> to, ImageSize canvas, (double Sine, double Cosine) angle, float black)
    {
        var (middleY, middleX) = ((canvas.Height - 1) / 2.0, (canvas.Width - 1) / 2.0);
        for (var y = 0; y < canvas.Height; y++)
            for (var x = 0; x < canvas.Width; x++)
            {
                var (down, right) = (y - middleY, x - middleX);
                to[y * canvas.Width + x] = Between(from, canvas,
                    middleY + angle.Cosine * down - angle.Sine * right, middleX + angle.Sine * down + angle.Cosine * right, black);
            }
    }

    static float Between(ReadOnlySpan<float> from, ImageSize canvas, double y, double x, float black)
    {
        var (top, left) = ((int)Math.Floor(y), (int)Math.Floor(x));
        var (low, far) = ((float)(y - top), (float)(x - left));
        return (1 - low) * ((1 - far) * At(from, canvas, top, left, black) + far * At(from, canvas, top, left + 1, black))
            + low * ((1 - far) * At(from, canvas, top + 1, left, black) + far * At(from, canvas, top + 1, left + 1, black));
    }

    static float At(ReadOnlySpan<float> from, ImageSize canvas, int y, int x, float black) =>
        y >= 0 && y < canvas.Height && x >= 0 && x < canvas.Width ? from[y * canvas.Width + x] : black;
}
