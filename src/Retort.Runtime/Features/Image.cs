namespace Retort.Runtime.Features;

/// <summary>
/// One picture as decoded: bytes by channel, row, column; one channel where the file is grey, else red, green, blue.
/// Training's reader and a deployed student prepare pictures with the same words, so that they cannot drift apart.
/// </summary>
/// <param name="Size">Its size.</param>
/// <param name="Pixels">[C, H, W]</param>
public readonly record struct Image(ImageSize Size, byte[] Pixels)
{
    /// <summary>Grey into three equal channels; colour into its luma (ITU-R BT.601). 1 or 3 channels.</summary>
    public Image WithChannels(int channels)
    {
        if (channels is not (1 or 3))
            throw new ArgumentOutOfRangeException(nameof(channels), null, FormattableString.Invariant($"channels must be 1 or 3; it is {channels}."));
        if (Size.Channels == channels) return this;
        if (channels == 3) return new(Size with { Channels = 3 }, [.. Pixels, .. Pixels, .. Pixels]);
        var grey = new byte[Size.Area];
        for (var i = 0; i < grey.Length; i++)
            grey[i] = (byte)((299 * Pixels[i] + 587 * Pixels[Size.Area + i] + 114 * Pixels[2 * Size.Area + i] + 500) / 1000);
        return new(Size with { Channels = 1 }, grey);
    }

    /// <summary>The middle square as size × size, averaged with a triangle as wide as a pixel of the result.</summary>
    public Image CropAndResize(int size) => Resize.Square(this, size);

    /// <summary>Its numbers from 0 to 1: what a student of pictures wants. [C, H, W]</summary>
    public void CopyTo(Span<float> into)
    {
        if (into.Length < Pixels.Length)
            throw new ArgumentException(FormattableString.Invariant($"A picture of {Size} has {Pixels.Length} numbers; there is room for {into.Length}."));
        for (var i = 0; i < Pixels.Length; i++) into[i] = Pixels[i] / 255f;
    }
}
