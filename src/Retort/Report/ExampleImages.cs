using Retort.Contracts.Sections;
using SkiaSharp;

namespace Retort.Report;

/// <summary>Images of a data set as PNG in <c>data:</c> addresses, for a page that loads nothing.</summary>
static class ExampleImages
{
    /// <summary>What the address of an image begins with.</summary>
    public const string Address = "data:image/png;base64,";

    /// <summary>
    /// From a gallery to the addresses of its examples' images by position; null for a gallery whose examples are no
    /// images, or without the data.
    /// </summary>
    public static Func<GalleryBlock, Func<int, string>?> Of(Dataset? data) => gallery =>
        (gallery.OfTraining ? data?.Training : data?.Test) is IImageSource images
            ? position => Address + Png(images, position) : null;

    /// <summary>The address of an image of its own.</summary>
    public static string Of(GalleryPixels image) =>
        Address + Png((image.Height, image.Width, image.Channels, image.Bytes), "An image");

    static string Png(IImageSource images, int position) =>
        Png(images.Image(position), Invariant($"Image {position}"));

    static string Png((int Height, int Width, int Channels, byte[] Bytes) image, string name)
    {
        var (height, width, channels, bytes) = image;
        if (channels is not (1 or 3) || bytes.Length != height * width * channels)
            throw new InvalidDataException(Invariant(
                $"{name} must be height × width × 1 or 3 bytes; {height} × {width} × {channels} came ")
                + Invariant($"with {bytes.Length} bytes."));

        var color = channels == 1 ? SKColorType.Gray8 : SKColorType.Rgba8888;
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, color, SKAlphaType.Opaque));
        for (var row = 0; row < height; row++)
        {
            var from = bytes.AsSpan(row * width * channels, width * channels);
            var to = bitmap.GetPixelSpan().Slice(row * bitmap.RowBytes, width * (channels == 1 ? 1 : 4));
            if (channels == 1) from.CopyTo(to);
            else AddAlpha(from, to);
        }
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return Convert.ToBase64String(png.AsSpan());
    }

    // RGB → RGBA
    static void AddAlpha(ReadOnlySpan<byte> from, Span<byte> to)
    {
        for (int at = 0, into = 0; into < to.Length; at += 3, into += 4)
        {
            from.Slice(at, 3).CopyTo(to[into..]);
            to[into + 3] = 255;
        }
    }
}
