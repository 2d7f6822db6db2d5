using Retort.Runs;
using SkiaSharp;

namespace Retort.Report;

/// <summary>Pictures of a data set as PNG, for a page that holds everything.</summary>
static class ExampleImages
{
    /// <summary>What the address of a picture begins with.</summary>
    public const string Address = "data:image/png;base64,";

    /// <summary>The pictures of these examples by position, as <c>data:</c> addresses; empty where there are none to be had.</summary>
    public static IReadOnlyDictionary<int, string> Of(IReadOnlyList<Misclassified> misses, IDataSplit? test) => test is IImageSource pictures
        ? misses.ToDictionary(miss => miss.Position, miss => Png(pictures, miss.Position))
        : new Dictionary<int, string>();

    static string Png(IImageSource pictures, int position)
    {
        var (height, width, channels, bytes) = pictures.Image(position);
        if (channels is not (1 or 3) || bytes.Length != height * width * channels)
            throw new InvalidDataException(FormattableString.Invariant(
                $"Test picture {position} must be height × width × 1 or 3 bytes; {height} × {width} × {channels} came with {bytes.Length} bytes."));
        var colour = channels == 1 ? SKColorType.Gray8 : SKColorType.Rgba8888;
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, colour, SKAlphaType.Opaque));
        for (var row = 0; row < height; row++)
        {
            var from = bytes.AsSpan(row * width * channels, width * channels);
            var to = bitmap.GetPixelSpan().Slice(row * bitmap.RowBytes, width * (channels == 1 ? 1 : 4));
            if (channels == 1) from.CopyTo(to);
            else Opaque(from, to);
        }
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return Address + Convert.ToBase64String(png.AsSpan());
    }

    // RGB → RGBA
    static void Opaque(ReadOnlySpan<byte> from, Span<byte> to)
    {
        for (int at = 0, into = 0; into < to.Length; at += 3, into += 4)
        {
            from.Slice(at, 3).CopyTo(to[into..]);
            to[into + 3] = 255;
        }
    }
}
