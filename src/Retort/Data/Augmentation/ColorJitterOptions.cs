using Retort.Report;
using Retort.Runtime.Features;

namespace Retort.Data.Augmentation;

/// <summary>
/// Brightness, contrast, saturation and hue are changed, each by an amount drawn evenly from both sides, one after another;
/// numbers stay between black and white. Saturation and hue leave pictures of one channel as they are.
/// </summary>
/// <remarks>Torchvision's changes, always in this order; there the order is drawn too.</remarks>
public sealed record ColorJitterOptions : AugmentationOptions
{
    /// <summary>b: every number is multiplied by a factor from 1 - b to 1 + b. All four are .2 in arXiv:2106.05945, §5.</summary>
    [Share] public double Brightness { get; init; } = 0.2;

    /// <summary>c: the distance from the picture's mean grey is multiplied by a factor from 1 - c to 1 + c.</summary>
    [Share] public double Contrast { get; init; } = 0.2;

    /// <summary>s: the distance from each pixel's own grey is multiplied by a factor from 1 - s to 1 + s.</summary>
    [Share] public double Saturation { get; init; } = 0.2;

    /// <summary>h: hues are turned by a share of the circle from -h to h; at most a half.</summary>
    [Between(0, 0.5)] public double Hue { get; init; } = 0.2;

    public override void Change(Span<float> example, ImageSize canvas, BlackAndWhite shades, ref RandomStream chance)
    {
        var brightness = chance.Uniform(1 - Brightness, 1 + Brightness);
        var contrast = chance.Uniform(1 - Contrast, 1 + Contrast);
        var saturation = chance.Uniform(1 - Saturation, 1 + Saturation);
        var hue = chance.Uniform(-Hue, Hue);
        Scale(example, canvas, shades, from: true);                           // to 0 … 1
        Spread(example, 0, brightness);
        Spread(example, Grey(example, canvas), contrast);
        if (canvas.Channels == 3) Recolour(example, canvas.Area, saturation, hue);
        Scale(example, canvas, shades, from: false);
    }

    public override void Check(Examples examples)
    {
        CheckPictures(examples, "colour");
        if (examples.Size.Channels is not (1 or 3)) throw new InvalidDataException(
            $"{examples.Name} has pictures of {examples.Size.Channels} channels; the augmentation \"colour\" needs 1 or 3.");
    }

    static void Scale(Span<float> example, ImageSize canvas, BlackAndWhite shades, bool from)
    {
        for (var c = 0; c < canvas.Channels; c++)
        {
            var (black, range) = (shades.Black[c], shades.White[c] - shades.Black[c]);
            foreach (ref var value in example.Slice(c * canvas.Area, canvas.Area))
                value = from ? (value - black) / range : black + value * range;
        }
    }

    static void Spread(Span<float> values, double about, double factor)
    {
        foreach (ref var value in values) value = (float)Math.Clamp(about + (value - about) * factor, 0, 1);
    }

    // ITU-R BT.601's weights
    static double Grey(double red, double green, double blue) => 0.299 * red + 0.587 * green + 0.114 * blue;

    static double Grey(ReadOnlySpan<float> example, ImageSize canvas)
    {
        var sum = 0.0;
        for (var i = 0; i < canvas.Area; i++)
            sum += canvas.Channels == 3 ? Grey(example[i], example[canvas.Area + i], example[2 * canvas.Area + i]) : example[i];
        return sum / canvas.Area;
    }

    static void Recolour(Span<float> example, int area, double saturation, double hue)
    {
        for (var i = 0; i < area; i++)
        {
            Span<float> pixel = [example[i], example[area + i], example[2 * area + i]];
            Spread(pixel, Grey(pixel[0], pixel[1], pixel[2]), saturation);
            Turn(pixel, hue);
            (example[i], example[area + i], example[2 * area + i]) = (pixel[0], pixel[1], pixel[2]);
        }
    }

    // through hue, saturation and value
    static void Turn(Span<float> pixel, double by)
    {
        var (red, green, blue) = (pixel[0], pixel[1], pixel[2]);
        var (most, least) = (Math.Max(red, Math.Max(green, blue)), Math.Min(red, Math.Min(green, blue)));
        var chroma = most - least;
        if (chroma == 0) return;
        var sixth = most == red ? (green - blue) / chroma : most == green ? 2 + (blue - red) / chroma : 4 + (red - green) / chroma;
        var hue = sixth / 6 + by;
        (pixel[0], pixel[1], pixel[2]) = (Channel(5), Channel(3), Channel(1));

        float Channel(int offset)
        {
            var k = offset + 6 * hue;
            k -= 6 * Math.Floor(k / 6);
            return (float)(most - chroma * Math.Clamp(Math.Min(k, 4 - k), 0, 1));
        }
    }
}
