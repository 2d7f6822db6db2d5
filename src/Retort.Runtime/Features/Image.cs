namespace Retort.Runtime.Features;

/// <summary>
/// A decoded image: one channel if the file is greyscale, else red, green, blue. Training and a deployed student
/// prepare images with the same code, so that they cannot differ.
/// </summary>
/// <param name="Size">Channels, height and width.</param>
/// <param name="Pixels">[C, H, W]</param>
public readonly record struct Image(ImageSize Size, byte[] Pixels)
{
    /// <summary>
    /// The image with 1 or 3 channels: greyscale is repeated three times, color becomes luma (ITU-R BT.601).
    /// </summary>
    public Image WithChannels(int channels)
    {
        if (channels is not (1 or 3))
            throw new ArgumentOutOfRangeException(
                nameof(channels), null, Invariant($"channels must be 1 or 3; it is {channels}."));
        if (Size.Channels == channels) return this;
        if (channels == 3) return new(Size with { Channels = 3 }, [.. Pixels, .. Pixels, .. Pixels]);

        var grey = new byte[Size.Area];
        for (var i = 0; i < grey.Length; i++)
        {
            var (red, green, blue) = (Pixels[i], Pixels[Size.Area + i], Pixels[2 * Size.Area + i]);
            grey[i] = (byte)((299 * red + 587 * green + 114 * blue + 500) / 1000);
        }
        return new(Size with { Channels = 1 }, grey);
    }

    /// <summary>
    /// The centre square, resized to size × size with a triangle filter of the width of a result's pixel.
    /// </summary>
    public Image CropAndResize(int size) =>
        new(new(Size.Channels, size, size), Resize.CenterSquare(Pixels, Size, size));

    /// <summary>Copies the pixels as values from 0 to 1, which a student takes. [C, H, W]</summary>
    public void CopyTo(Span<float> into)
    {
        if (into.Length < Pixels.Length)
            throw new ArgumentException(
                Invariant($"An image of {Size} has {Pixels.Length} numbers; there is room for {into.Length}."));
        for (var i = 0; i < Pixels.Length; i++) into[i] = Pixels[i] / 255f;
    }
}
