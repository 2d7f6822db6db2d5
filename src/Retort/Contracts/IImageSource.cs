namespace Retort.Contracts;

/// <summary>A split whose examples can be shown as images.</summary>
public interface IImageSource
{
    /// <summary>The image as it was read: bytes in the order height, width, channel (1 or 3).</summary>
    (int Height, int Width, int Channels, byte[] Bytes) Image(int position);
}
