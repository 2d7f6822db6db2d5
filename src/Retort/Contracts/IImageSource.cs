namespace Retort.Contracts;

/// <summary>A part whose examples can be shown to a person.</summary>
public interface IImageSource
{
    /// <summary>The picture as read: bytes in the order height, width, channel (1 or 3).</summary>
    (int Height, int Width, int Channels, byte[] Bytes) Image(int position);
}
