using Retort.Runtime.Features;

namespace Retort.Data.Images;

/// <summary>Decodes images and converts them to one size.</summary>
sealed class ImageSet(ImageDataOptions options, MemoryLimit budget)
{
    const int ChunkSize = 256;                           // images that are decoded in parallel

    /// <summary>
    /// Decodes all images, chunk by chunk. Of several failures in a chunk the first message in ordinal order is thrown.
    /// </summary>
    public List<ImageFile> Decode(IEnumerable<(string Name, string DisplayName, byte[] Content)> files)
    {
        var decoded = new List<ImageFile>();
        foreach (var chunk in files.Chunk(ChunkSize))
        {
            try
            {
                decoded.AddRange(chunk.AsParallel().AsOrdered().Select(file =>
                    new ImageFile(file.Name, file.DisplayName, Decode(file.Content, file.DisplayName))));
            }
            catch (AggregateException error) when (error.InnerExceptions.All(inner => inner is InvalidDataException))
            {
                var first = error.InnerExceptions.Select(inner => inner.Message).Min(StringComparer.Ordinal);
                throw new InvalidDataException(first, error);
            }
        }
        return decoded;
    }

    Image Decode(byte[] content, string shown)
    {
        var image = ImageDecoder.Decode(content, shown, size => Accept(size, shown));
        if (options.Size is { } side) image = image.CropAndResize(side);
        return options.Channels is { } channels ? image.WithChannels(channels) : image;
    }

    void Accept(ImageSize size, string shown)
    {
        if ((long)size.Height * size.Width > options.MaxPixels)
            throw new InvalidDataException(
                Invariant($"{shown} has {size.Height} × {size.Width} pixels; ")
                + Invariant($"the option \"maxPixels\" allows {options.MaxPixels}."));
        var channels = options.Channels ?? size.Channels;
        budget.ReserveItem((long)channels * (options.Size is { } side ? (long)side * side : size.Area), shown);
    }

    /// <summary>
    /// Checks that all images have one height and width, and gives all of them the most channels that one of them has.
    /// </summary>
    public (ImageSize Size, List<byte[]> Pixels) SameSize(List<ImageFile> files)
    {
        var first = files[0];
        var expected = first.Image.Size;
        var channels = files.Max(file => file.Image.Size.Channels);
        var pixels = new List<byte[]>(files.Count);
        foreach (var file in files)
        {
            var size = file.Image.Size;
            if ((size.Height, size.Width) != (expected.Height, expected.Width))
                throw new InvalidDataException(
                    Invariant($"{file.DisplayName} has {size.Height} × {size.Width} pixels, ")
                    + Invariant($"but {first.Path} has {expected.Height} × {expected.Width}; ")
                    + "the option \"size\" resizes all images.");
            if (size.Channels < channels) budget.Reserve(2L * size.Area, file.DisplayName);
            pixels.Add(file.Image.WithChannels(channels).Pixels);
        }
        return (expected with { Channels = channels }, pixels);
    }
}
