using System.Buffers;
using System.Runtime.InteropServices;
using SkiaSharp;
using static System.FormattableString;

namespace Retort.Runtime.Features;

/// <summary>
/// PNG and JPEG through Skia's codec. The size is read and held against the limit before anything is decoded; half a
/// picture is no picture. Transparency is dropped, colour profiles and the camera's orientation are not applied.
/// </summary>
public static class ImageDecoder
{
    /// <summary>
    /// Decodes a file's content; <paramref name="accept"/> may refuse its size first, and <paramref name="path"/> is what
    /// messages call it.
    /// </summary>
    /// <exception cref="InvalidDataException">It is no PNG or JPEG, or damaged.</exception>
    public static Image Decode(byte[] content, string path, Action<ImageSize> accept)
    {
        using var data = SKData.CreateCopy(content);
        using var codec = SKCodec.Create(data);
        if (codec is null)
            throw new InvalidDataException(
                $"{path} is not a PNG or JPEG picture that can be read ({content.Length} bytes{Start(content)}).");
        if (codec.EncodedFormat is not (SKEncodedImageFormat.Png or SKEncodedImageFormat.Jpeg))
            throw new InvalidDataException($"{path} must be PNG or JPEG; it is {codec.EncodedFormat}.");
        var grey = codec.Info.ColorType == SKColorType.Gray8;
        var canvas = new ImageSize(grey ? 1 : 3, codec.Info.Height, codec.Info.Width);
        accept(canvas);
        return new(canvas, Pixels(codec, canvas, path));
    }

    static byte[] Pixels(SKCodec codec, ImageSize canvas, string path)
    {
        var (stride, bytes) = canvas.Channels == 1 ? (1, canvas.Area) : (4, checked(canvas.Area * 4));
        var info = new SKImageInfo(canvas.Width, canvas.Height, stride == 1 ? SKColorType.Gray8 : SKColorType.Rgba8888,
            codec.Info.IsOpaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul);
        var buffer = ArrayPool<byte>.Shared.Rent(bytes);
        var pinned = GCHandle.Alloc(buffer, GCHandleType.Pinned);
        try
        {
            var result = codec.GetPixels(info, pinned.AddrOfPinnedObject());
            if (result != SKCodecResult.Success) throw new InvalidDataException($"{path} is damaged: {Words(result)}.");
            var pixels = new byte[canvas.Count];
            for (var c = 0; c < canvas.Channels; c++)
                for (int i = 0, at = c * canvas.Area; i < canvas.Area; i++) pixels[at + i] = buffer[i * stride + c];
            return pixels;
        }
        finally
        {
            pinned.Free();
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    static string Words(SKCodecResult result) => result switch
    {
        SKCodecResult.IncompleteInput => "it ends before the picture does",
        SKCodecResult.ErrorInInput => "its pixels cannot be decoded",
        _ => $"the codec says {result}",
    };

    static string Start(byte[] content) => content.Length == 0 ? ""
        : Invariant($", beginning with {Convert.ToHexStringLower(content.AsSpan(0, Math.Min(content.Length, 4)))}");
}
