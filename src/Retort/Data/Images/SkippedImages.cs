namespace Retort.Data.Images;

/// <summary>Counts the images of a folder that are of kinds that are not read.</summary>
sealed class SkippedImages(ImageFolderOptions options)
{
    readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);
    string? _first;

    /// <summary>Adds an image.</summary>
    /// <param name="kind">Its ending.</param>
    /// <param name="shown">Its name in messages.</param>
    public void Add(string kind, string shown)
    {
        _first ??= shown;
        _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
    }

    /// <summary>Refuses them unless the options leave them out.</summary>
    public void Check()
    {
        if (_first is null || options.SkipOtherImages) return;

        var counts = string.Join(", ", _counts.Select(pair => Invariant($"{pair.Value} {pair.Key}")));
        throw new InvalidDataException(
            $"{options.Path} must have images in PNG or JPEG; others are {counts}, the first {_first}: convert them, "
            + "or set the option \"skipOtherImages\" to leave them out.");
    }
}
