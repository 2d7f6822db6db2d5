using Retort.Runtime.Features;

namespace Retort.Data.Augmentation;

/// <summary>
/// Pads the image with black on all sides and crops it to its size at a random position: it is shifted by up to
/// <see cref="Pad"/> pixels each way.
/// </summary>
public sealed record CropOptions : AugmentationOptions
{
    /// <summary>Pixels of padding on each side. 4 is usual for images of 32 × 32.</summary>
    [AtLeast(1)] public int Pad { get; init; } = 4;

    public override void Change(Span<float> example, ImageSize size, PixelRange range, ref RandomStream random)
    {
        var down = random.NextInt(2 * Pad + 1) - Pad;
        var right = random.NextInt(2 * Pad + 1) - Pad;
        for (var c = 0; c < size.Channels; c++)
            Shift(example.Slice(c * size.Area, size.Area), size, down, right, range.Black[c]);
    }

    public override void Check(NumericExamples examples)
    {
        CheckHasImages(examples, "crop");
        if (Pad < Math.Min(examples.Size.Height, examples.Size.Width)) return;

        throw new InvalidDataException(
            $"{examples.Name} has images of {examples.Size}; "
            + $"the augmentation \"crop\" needs a \"pad\" smaller than each side, not {Pad}.");
    }

    static void Shift(Span<float> channel, ImageSize size, int down, int right, float black)
    {
        var (height, width) = (size.Height, size.Width);
        for (var i = 0; i < height; i++)
        {
            var y = down > 0 ? height - 1 - i : i;           // no row is read after it was written
            var row = channel.Slice(y * width, width);
            if (y - down < 0 || y - down >= height)
            {
                row.Fill(black);
                continue;
            }

            var source = channel.Slice((y - down) * width, width);
            source[Math.Max(-right, 0)..(width - Math.Max(right, 0))].CopyTo(row[Math.Max(right, 0)..]);
            if (right > 0) row[..right].Fill(black);
            if (right < 0) row[(width + right)..].Fill(black);
        }
    }
}
