using Retort.Runtime.Features;

namespace Retort.Data.Augmentation;

/// <summary>
/// Changes brightness, contrast, saturation and hue, in this order, each by an amount drawn uniformly in both
/// directions. Values stay between black and white. Images of one channel keep their saturation and hue.
/// </summary>
/// <remarks>The changes are torchvision's, whose ColorJitter also draws their order.</remarks>
public sealed record ColorJitterOptions : AugmentationOptions
{
    /// <summary>
    /// b: every value is multiplied by a factor from 1 - b to 1 + b. All four options are .2 in arXiv:2106.05945, §5.
    /// </summary>
    [Share] public double Brightness { get; init; } = 0.2;

    /// <summary>c: the distance from the image's mean grey is multiplied by a factor from 1 - c to 1 + c.</summary>
    [Share] public double Contrast { get; init; } = 0.2;

    /// <summary>s: the distance from the pixel's own grey is multiplied by a factor from 1 - s to 1 + s.</summary>
    [Share] public double Saturation { get; init; } = 0.2;

    /// <summary>h: hues are rotated by a fraction of the color circle from -h to h. At most .5.</summary>
    [Between(0, 0.5)] public double Hue { get; init; } = 0.2;

    public override void Change(Span<float> example, ImageSize size, PixelRange range, ref RandomStream random)
    {
        var brightness = random.Uniform(1 - Brightness, 1 + Brightness);
        var contrast = random.Uniform(1 - Contrast, 1 + Contrast);
        var saturation = random.Uniform(1 - Saturation, 1 + Saturation);
        var hue = random.Uniform(-Hue, Hue);

        ToUnitRange(example, size, range);
        Stretch(example, 0, brightness);
        Stretch(example, Grey(example, size), contrast);
        if (size.Channels == 3) ChangeColors(example, size.Area, saturation, hue);
        FromUnitRange(example, size, range);
    }

    public override void Check(NumericExamples examples)
    {
        CheckHasImages(examples, "color-jitter");
        if (examples.Size.Channels is 1 or 3) return;

        throw new InvalidDataException(
            $"{examples.Name} has images of {examples.Size.Channels} channels; "
            + "the augmentation \"color-jitter\" needs 1 or 3.");
    }

    static void ToUnitRange(Span<float> example, ImageSize size, PixelRange range)
    {
        for (var c = 0; c < size.Channels; c++)
        {
            var (black, width) = (range.Black[c], range.White[c] - range.Black[c]);
            foreach (ref var value in example.Slice(c * size.Area, size.Area)) value = (value - black) / width;
        }
    }

    static void FromUnitRange(Span<float> example, ImageSize size, PixelRange range)
    {
        for (var c = 0; c < size.Channels; c++)
        {
            var (black, width) = (range.Black[c], range.White[c] - range.Black[c]);
            foreach (ref var value in example.Slice(c * size.Area, size.Area)) value = black + value * width;
        }
    }

    /// <summary>Multiplies each value's distance from a centre by a factor and clamps the result to 0 … 1.</summary>
    static void Stretch(Span<float> values, double centre, double factor)
    {
        foreach (ref var value in values) value = (float)Math.Clamp(centre + (value - centre) * factor, 0, 1);
    }

    // ITU-R BT.601's weights
    static double Grey(double red, double green, double blue) => 0.299 * red + 0.587 * green + 0.114 * blue;

    static double Grey(ReadOnlySpan<float> example, ImageSize size)
    {
        var sum = 0.0;
        for (var i = 0; i < size.Area; i++)
            sum += size.Channels == 3
                ? Grey(example[i], example[size.Area + i], example[2 * size.Area + i])
                : example[i];
        return sum / size.Area;
    }

    static void ChangeColors(Span<float> example, int area, double saturation, double hue)
    {
        for (var i = 0; i < area; i++)
        {
            Span<float> pixel = [example[i], example[area + i], example[2 * area + i]];
            Stretch(pixel, Grey(pixel[0], pixel[1], pixel[2]), saturation);
            RotateHue(pixel, hue);
            (example[i], example[area + i], example[2 * area + i]) = (pixel[0], pixel[1], pixel[2]);
        }
    }

    /// <summary>Converts a pixel to hue, saturation and value, rotates the hue and converts it back.</summary>
    static void RotateHue(Span<float> pixel, double rotation)
    {
        var (red, green, blue) = (pixel[0], pixel[1], pixel[2]);
        var max = Math.Max(red, Math.Max(green, blue));
        var min = Math.Min(red, Math.Min(green, blue));
        var chroma = max - min;
        if (chroma == 0) return;

        var sixth = max == red ? (green - blue) / chroma
            : max == green ? 2 + (blue - red) / chroma
            : 4 + (red - green) / chroma;
        var hue = sixth / 6 + rotation;
        (pixel[0], pixel[1], pixel[2]) = (Channel(5), Channel(3), Channel(1));

        float Channel(int offset)
        {
            var k = offset + 6 * hue;
            k -= 6 * Math.Floor(k / 6);
            return (float)(max - chroma * Math.Clamp(Math.Min(k, 4 - k), 0, 1));
        }
    }
}
