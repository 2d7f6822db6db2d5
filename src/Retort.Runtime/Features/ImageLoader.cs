namespace Retort.Runtime.Features;

/// <summary>
/// Turns an image file into a student's input, as training does: decoded, resized and converted to the student's size
/// and channels, with values from 0 to 1.
/// </summary>
public static class ImageLoader
{
    /// <summary>The default limit for the pixels of one image. A larger one is not decoded.</summary>
    public const int MaxPixels = 50_000_000;

    /// <summary>Decodes and preprocesses an image.</summary>
    /// <param name="content">The file's content, PNG, JPEG, WebP or BMP.</param>
    /// <param name="path">The path that messages name.</param>
    /// <param name="size">The student's size.</param>
    /// <param name="into">Receives [C, H, W].</param>
    /// <param name="maxPixels">Limit for the pixels that are decoded.</param>
    /// <exception cref="InvalidDataException">
    /// It is no image, too large, or it cannot be converted to the size.
    /// </exception>
    /// <remarks>
    /// An image of the student's height and width is not resized. Of another one the centre square is resized (the data
    /// option <c>size</c>); the student's images must then be square. Greyscale and color are converted to each other.
    /// </remarks>
    public static void Read(
        byte[] content, string path, ImageSize size, Span<float> into, int maxPixels = MaxPixels)
    {
        var image = ImageDecoder.Decode(content, path, found => Check(found, path, size, maxPixels));
        Preprocess(image, path, size, into);
    }

    /// <summary>Preprocesses a decoded image. See <see cref="Read"/>.</summary>
    public static void Preprocess(Image image, string path, ImageSize size, Span<float> into)
    {
        if (into.Length < size.Count)
            throw new ArgumentException(
                Invariant($"An image of {size} has {size.Count} numbers; there is room for {into.Length}."),
                nameof(into));
        Check(image.Size, path, size, int.MaxValue);

        if (!SameSides(image.Size, size)) image = image.CropAndResize(size.Height);
        image.WithChannels(size.Channels).CopyTo(into);
    }

    static void Check(ImageSize found, string path, ImageSize wanted, int maxPixels)
    {
        if ((long)found.Height * found.Width > maxPixels)
            throw new InvalidDataException(
                Invariant($"{path} is {found.Height} × {found.Width}; {maxPixels} pixels at most are decoded."));
        if (wanted.Channels is not (1 or 3))
            throw new InvalidDataException(
                Invariant($"{path} is an image of {found.Channels} channels; the student takes {wanted.Channels}, ")
                + "and only 1 and 3 can be converted to each other.");
        if (!SameSides(found, wanted) && wanted.Height != wanted.Width)
            throw new InvalidDataException(
                Invariant($"{path} is {found.Height} × {found.Width}; the student takes ")
                + Invariant($"{wanted.Height} × {wanted.Width}, and only squares are resized."));
    }

    static bool SameSides(ImageSize a, ImageSize b) => a.Height == b.Height && a.Width == b.Width;
}
