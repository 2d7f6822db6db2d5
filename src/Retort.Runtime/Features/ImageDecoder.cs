using System.Buffers;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace Retort.Runtime.Features;

/// <summary>Decodes PNG, JPEG, WebP and BMP images by Skia.</summary>
/// <remarks>
/// The size is read and may be refused before anything is decoded. An incomplete image is an error. Transparency is
/// dropped; color profiles and the camera's orientation are not applied.
/// </remarks>
public static class ImageDecoder
{
    static readonly SKEncodedImageFormat[] s_formats =
    [
        SKEncodedImageFormat.Png, SKEncodedImageFormat.Jpeg, SKEncodedImageFormat.Webp, SKEncodedImageFormat.Bmp,
    ];

    /// <summary>Decodes the content of a file.</summary>
    /// <param name="content">The content: PNG, JPEG, WebP or BMP.</param>
    /// <param name="path">The path that messages name.</param>
    /// <param name="accept">Called with the size before decoding; it may throw.</param>
    /// <exception cref="InvalidDataException">It is of no such format, or damaged.</exception>
    /// <exception cref="InvalidOperationException">The program does not include the native SkiaSharp.</exception>
    public static Image Decode(byte[] content, string path, Action<ImageSize> accept)
    {
        using var data = CopyToSkia(content);
        using var codec = SKCodec.Create(data);
        if (codec is null) throw new InvalidDataException($"{path} {DescribeUnknown(content)}.");
        if (!s_formats.Contains(codec.EncodedFormat))
            throw new InvalidDataException($"{path} must be PNG, JPEG, WebP or BMP; it is {codec.EncodedFormat}.");

        var isGrey = codec.Info.ColorType == SKColorType.Gray8;
        var size = new ImageSize(isGrey ? 1 : 3, codec.Info.Height, codec.Info.Width);
        accept(size);
        return new(size, DecodePixels(codec, size, path));
    }

    // the first call of Skia in a program that only decodes: it fails where the native library is missing
    static SKData CopyToSkia(byte[] content)
    {
        try
        {
            return SKData.CreateCopy(content);
        }
        catch (Exception error) when (IsNativeLibraryMissing(error))
        {
            throw new InvalidOperationException(
                "Images need the native SkiaSharp, which this program does not bring: "
                + $"reference the package {NativePackage}.", error);
        }
    }

    static bool IsNativeLibraryMissing(Exception? error) => error switch
    {
        DllNotFoundException or EntryPointNotFoundException => true,
        TypeInitializationException => IsNativeLibraryMissing(error.InnerException),
        _ => false,
    };

    static string NativePackage =>
        OperatingSystem.IsWindows() ? "SkiaSharp.NativeAssets.Win32"
        : OperatingSystem.IsMacOS() ? "SkiaSharp.NativeAssets.macOS"
        : "SkiaSharp.NativeAssets.Linux.NoDependencies";

    static byte[] DecodePixels(SKCodec codec, ImageSize size, string path)
    {
        var stride = size.Channels == 1 ? 1 : 4;                            // bytes per pixel: grey or RGBA
        var bytes = checked(size.Area * stride);
        var info = new SKImageInfo(
            size.Width, size.Height, stride == 1 ? SKColorType.Gray8 : SKColorType.Rgba8888,
            codec.Info.IsOpaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul);
        var buffer = ArrayPool<byte>.Shared.Rent(bytes);
        var pinned = GCHandle.Alloc(buffer, GCHandleType.Pinned);
        try
        {
            var result = codec.GetPixels(info, pinned.AddrOfPinnedObject());
            if (result != SKCodecResult.Success)
                throw new InvalidDataException($"{path} is damaged: {Describe(result)}.");

            var pixels = new byte[size.Count];
            for (var c = 0; c < size.Channels; c++)
            {
                var channel = pixels.AsSpan(c * size.Area, size.Area);
                for (var i = 0; i < channel.Length; i++) channel[i] = buffer[i * stride + c];
            }
            return pixels;
        }
        finally
        {
            pinned.Free();
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    static string Describe(SKCodecResult result) => result switch
    {
        SKCodecResult.IncompleteInput => "it ends before the image does",
        SKCodecResult.ErrorInInput => "its pixels cannot be decoded",
        _ => $"the codec reports {result}",
    };

    static string DescribeUnknown(byte[] content)
    {
        if (content.Length == 0) return "is empty; it must be an image";

        var start = content.AsSpan(0, Math.Min(content.Length, 4));
        if (start is [0x89, 0x50, 0x4e, 0x47] or [0xff, 0xd8, 0xff, _])
            return "is damaged: its header cannot be read";
        var size = content.Length == 1 ? "1 byte" : Invariant($"{content.Length} bytes");
        return $"is no PNG, JPEG, WebP or BMP image ({size}, beginning with {Convert.ToHexStringLower(start)})";
    }
}
