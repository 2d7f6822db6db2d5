using Retort.Runtime.Features;

namespace Retort.Data.Augmentation;

/// <summary>
/// The picture is padded on all sides and cut out again somewhere: it is shifted by up to <see cref="Pad"/> pixels each
/// way, and what comes in is black.
/// </summary>
public sealed record CropOptions : AugmentationOptions
{
    /// <summary>Pixels of padding. 4 is usual for 32 × 32.</summary>
    [AtLeast(1)] public int Pad { get; init; } = 4;

    public override void Change(Span<float> example, ImageSize canvas, BlackAndWhite shades, ref RandomStream chance)
    {
        var (down, right) = (chance.NextInt(2 * Pad + 1) - Pad, chance.NextInt(2 * Pad + 1) - Pad);
        for (var c = 0; c < canvas.Channels; c++) Shift(example.Slice(c * canvas.Area, canvas.Area), canvas, down, right, shades.Black[c]);
    }

    public override void Check(Examples examples)
    {
        CheckPictures(examples, "crop");
        if (Pad >= Math.Min(examples.Size.Height, examples.Size.Width))
            throw new InvalidDataException(
                $"{examples.Name} has pictures of {examples.Size}; the augmentation \"crop\" with \"pad\" {Pad} could shift them out of sight.");
    }

    static void Shift(Span<float> channel, ImageSize canvas, int down, int right, float blank)
    {
        var (height, width) = (canvas.Height, canvas.Width);
        for (var i = 0; i < height; i++)
        {
            var y = down > 0 ? height - 1 - i : i;                             // so that no row is read after it was written
            var row = channel.Slice(y * width, width);
            if (y - down < 0 || y - down >= height) { row.Fill(blank); continue; }
            var from = channel.Slice((y - down) * width, width);
            from[Math.Max(-right, 0)..(width - Math.Max(right, 0))].CopyTo(row[Math.Max(right, 0)..]);
            if (right > 0) row[..right].Fill(blank);
            if (right < 0) row[(width + right)..].Fill(blank);
        }
    }
}
