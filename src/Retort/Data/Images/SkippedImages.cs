namespace Retort.Data.Images;

/// <summary>Counts the images of a folder that are of kinds that are not read.</summary>
/// <param name="path">The folder or archive.</param>
/// <param name="areSkipped">Whether they are left out; otherwise they are refused.</param>
sealed class SkippedImages(string path, bool areSkipped)
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

    /// <summary>What a run says of them.</summary>
    public IReadOnlyList<string> Notes => _first is null ? [] : [$"left out, as \"skipOtherImages\" says: {Counts}"];

    string Counts => string.Join(", ", _counts.Select(pair => Invariant($"{pair.Value} {pair.Key}")));

    /// <summary>Refuses them unless the options leave them out.</summary>
    public void Check()
    {
        if (_first is null || areSkipped) return;

        throw new InvalidDataException(
            $"{path} must have images in PNG, JPEG, WebP or BMP; others are {Counts}, the first {_first}: "
            + "convert them, or set the option \"skipOtherImages\" to leave them out.");
    }
}
