using static System.FormattableString;

namespace Retort.Runtime.Features;

/// <summary>
/// From a picture's file to a student's numbers, as training's reader prepares them: decoded, brought to the student's
/// size and channels, from 0 to 1.
/// </summary>
public static class ImageLoader
{
    /// <summary>Pixels that one picture may have unless the caller says otherwise; one that claims more is not decoded.</summary>
    public const int MaxPixels = 50_000_000;

    /// <summary>
    /// A picture of the student's size stays as it is; of another the square in the middle is brought to it (the reader's
    /// option <c>size</c>), for which the student's pictures must be square. Grey and colour become each other.
    /// </summary>
    /// <param name="content">The file's content, PNG or JPEG.</param>
    /// <param name="path">What messages call it.</param>
    /// <param name="canvas">What the student wants.</param>
    /// <param name="into">[C, H, W]</param>
    /// <param name="maxPixels">The most pixels that are decoded.</param>
    /// <exception cref="InvalidDataException">No picture, too large, or one that cannot be brought to the size.</exception>
    public static void Read(byte[] content, string path, ImageSize canvas, Span<float> into, int maxPixels = MaxPixels) =>
        Preprocess(ImageDecoder.Decode(content, path, found => Accept(found, path, canvas, maxPixels)), path, canvas, into);

    /// <summary>The same for a picture that is decoded already.</summary>
    public static void Preprocess(Image picture, string path, ImageSize canvas, Span<float> into)
    {
        if (into.Length < canvas.Count) throw new ArgumentException(
            Invariant($"A picture of {canvas} has {canvas.Count} numbers; there is room for {into.Length}."), nameof(into));
        Accept(picture.Size, path, canvas, int.MaxValue);
        if (!SameSides(picture.Size, canvas)) picture = picture.CropAndResize(canvas.Height);
        picture.WithChannels(canvas.Channels).CopyTo(into);
    }

    static void Accept(ImageSize found, string path, ImageSize wanted, int maxPixels)
    {
        if ((long)found.Height * found.Width > maxPixels) throw new InvalidDataException(
            Invariant($"{path} is {found.Height} × {found.Width}; {maxPixels} pixels at most are decoded."));
        if (wanted.Channels is not (1 or 3)) throw new InvalidDataException(
            Invariant($"{path} is a picture of {found.Channels} channels; the student wants {wanted.Channels}, and only 1 and 3 become each other."));
        if (!SameSides(found, wanted) && wanted.Height != wanted.Width) throw new InvalidDataException(
            Invariant($"{path} is {found.Height} × {found.Width}; the student wants {wanted.Height} × {wanted.Width}, and only squares are resized."));
    }

    static bool SameSides(ImageSize a, ImageSize b) => (a.Height, a.Width) == (b.Height, b.Width);
}
