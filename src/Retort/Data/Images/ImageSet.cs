using System.Collections.Concurrent;
using Retort.Runtime.Features;

namespace Retort.Data.Images;

/// <summary>Decodes images and converts them to one size.</summary>
sealed class ImageSet(ImageDataOptions options, MemoryLimit budget)
{
    const int ChunkSize = 256;                           // images that are decoded in parallel
    const int MaxListed = 10;                            // unreadable files in an error
    const int MaxNamed = 5;                              // and in a finding

    readonly List<string> _skipped = [];                 // unreadable files that were left out

    /// <summary>Whether the data has the option to leave unreadable files out, which messages name.</summary>
    public bool CanLeaveOut { get; init; } = true;

    /// <summary>What a run says of files that were left out; empty for none.</summary>
    public IReadOnlyList<Finding> Findings
    {
        get
        {
            if (_skipped.Count == 0) return [];

            var rest = _skipped.Count > MaxNamed ? Invariant($" and {_skipped.Count - MaxNamed} more") : "";
            return [new(
                Invariant($"{_skipped.Count} image{(_skipped.Count == 1 ? "" : "s")} cannot be read and ")
                    + $"{(_skipped.Count == 1 ? "was" : "were")} left out, as \"skipUnreadable\" says: "
                    + $"{string.Join(", ", _skipped.Take(MaxNamed))}{rest}.",
                _skipped.Count == 1 ? "Repair or delete it." : "Repair or delete them.")];
        }
    }

    /// <summary>Decodes all images, chunk by chunk; unreadable ones are left out or refused.</summary>
    public List<ImageFile> Decode(IEnumerable<(string Name, string DisplayName, byte[] Content)> files) =>
        [.. DecodeRows(files).OfType<ImageFile>()];

    /// <summary>As <see cref="Decode"/>, with null in the place of an image that is left out.</summary>
    /// <exception cref="InvalidDataException">
    /// An image is too large, or some cannot be read; the message lists up to ten of these and counts all.
    /// </exception>
    public List<ImageFile?> DecodeRows(IEnumerable<(string Name, string DisplayName, byte[] Content)> files)
    {
        var decoded = new List<ImageFile?>();
        var unreadable = new ConcurrentBag<(string DisplayName, string Message)>();
        foreach (var chunk in files.Chunk(ChunkSize))
        {
            try
            {
                decoded.AddRange(chunk.AsParallel().AsOrdered().Select(file => DecodeOrNote(file, unreadable)));
            }
            catch (AggregateException error) when (error.InnerExceptions.All(inner => inner is InvalidDataException))
            {
                var first = error.InnerExceptions.Select(inner => inner.Message).Min(StringComparer.Ordinal);
                throw new InvalidDataException(first, error);
            }
        }
        var sorted = unreadable.OrderBy(file => file.DisplayName, StringComparer.Ordinal).ToList();
        if (sorted.Count > 0 && !options.SkipUnreadable) throw Unreadable(sorted.ConvertAll(file => file.Message));

        _skipped.AddRange(sorted.Select(file => file.DisplayName));
        return decoded;
    }

    ImageFile? DecodeOrNote(
        (string Name, string DisplayName, byte[] Content) file, ConcurrentBag<(string, string)> unreadable)
    {
        var isRefused = false;                           // by the options, not by the decoder
        try
        {
            var image = ImageDecoder.Decode(file.Content, file.DisplayName, size =>
            {
                isRefused = true;
                Accept(size, file.DisplayName);
                isRefused = false;
            });
            if (options.Size is { } side) image = image.CropAndResize(side);
            if (options.Channels is { } channels) image = image.WithChannels(channels);
            return new(file.Name, file.DisplayName, image);
        }
        catch (InvalidDataException error) when (!isRefused)
        {
            unreadable.Add((file.DisplayName, error.Message));
            return null;
        }
    }

    InvalidDataException Unreadable(List<string> messages)
    {
        if (messages is [var only]) return new(
            $"{only} Repair or delete it"
            + (CanLeaveOut ? ", or set the option \"skipUnreadable\" to leave such files out." : "."));

        var rest = messages.Count > MaxListed ? Invariant($"; and {messages.Count - MaxListed} more") : "";
        var listed = messages.Take(MaxListed).Select(message => message.TrimEnd('.'));
        return new(Invariant($"{options.Path} has {messages.Count} images that cannot be read: ")
            + $"{string.Join("; ", listed)}{rest}. Repair or delete them"
            + (CanLeaveOut ? ", or set the option \"skipUnreadable\" to leave them out." : "."));
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
