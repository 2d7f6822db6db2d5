using Retort.Runtime.Features;
using static System.FormattableString;

namespace Retort.Data.Images;

/// <summary>A picture that was decoded: its name within the set, and what messages call it.</summary>
sealed record ImageFile(string Path, string Shown, Image Picture);

/// <summary>Decodes pictures and brings them to one size.</summary>
sealed class ImageSet(ImageDataOptions options, MemoryLimit budget)
{
    const int Together = 256;                            // pictures decoded side by side

    /// <summary>All pictures, decoded some at a time; what is wrong with several is said of the first by name.</summary>
    public List<ImageFile> Decoded(IEnumerable<(string Name, string Shown, byte[] Content)> contents)
    {
        var found = new List<ImageFile>();
        foreach (var chunk in contents.Chunk(Together))
        {
            try
            {
                found.AddRange(chunk.AsParallel().AsOrdered().Select(file =>
                    new ImageFile(file.Name, file.Shown, Fitted(
                        ImageDecoder.Decode(file.Content, file.Shown, canvas => Accept(canvas, file.Shown))))));
            }
            catch (AggregateException error) when (error.InnerExceptions.All(inner => inner is InvalidDataException))
            {
                throw new InvalidDataException(
                    error.InnerExceptions.Select(inner => inner.Message).Min(StringComparer.Ordinal), error);
            }
        }
        return found;
    }

    void Accept(ImageSize canvas, string shown)
    {
        if ((long)canvas.Height * canvas.Width > options.MaxPixels)
            throw new InvalidDataException(
                Invariant($"{shown} is {canvas.Height} × {canvas.Width}; the option \"maxPixels\" allows {options.MaxPixels} pixels."));
        var channels = options.Channels ?? canvas.Channels;
        budget.Spend((long)channels * (options.Size is { } side ? (long)side * side : canvas.Area), shown);
    }

    Image Fitted(Image picture)
    {
        var one = options.Size is { } side ? picture.CropAndResize(side) : picture;
        return options.Channels is { } channels ? one.WithChannels(channels) : one;
    }

    /// <summary>Of one size and as many channels as the richest has.</summary>
    public (ImageSize, List<byte[]>) Alike(List<ImageFile> found)
    {
        var first = found[0];
        var channels = found.Max(one => one.Picture.Size.Channels);
        var pixels = new List<byte[]>(found.Count);
        foreach (var one in found)
        {
            var (canvas, expected) = (one.Picture.Size, first.Picture.Size);
            if ((canvas.Height, canvas.Width) != (expected.Height, expected.Width))
                throw new InvalidDataException(
                    Invariant($"{one.Shown} is {canvas.Height} × {canvas.Width}, but {first.Path} is {expected.Height} × {expected.Width}; ")
                    + "the option \"size\" brings all to one.");
            if (canvas.Channels < channels) budget.Spend(2L * canvas.Area, one.Shown);
            pixels.Add(one.Picture.WithChannels(channels).Pixels);
        }
        return (first.Picture.Size with { Channels = channels }, pixels);
    }
}
