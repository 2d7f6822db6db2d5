namespace Retort.Data.Images;

/// <summary>
/// Counts the files of a folder that are not read: images of other kinds, and files that are no images.
/// </summary>
/// <param name="path">The folder or archive.</param>
/// <param name="areImagesSkipped">Whether images of other kinds are left out; otherwise they are refused.</param>
sealed class SkippedFiles(string path, bool areImagesSkipped)
{
    readonly EndingCounts _images = new();
    readonly EndingCounts _others = new();

    /// <summary>Adds a file that is not read.</summary>
    public void Add(FileEntry entry) => (ImageKind.IsOther(entry) ? _images : _others).Add(entry);

    /// <summary>What a run says of them.</summary>
    public IReadOnlyList<string> Notes =>
    [
        .. _images.First is null ? [] : (string[])[$"left out, as \"skipOtherImages\" says: {_images}"],
        .. _others.First is { } first ? (string[])[$"left out, since they are no images: {_others}; the first: {first}"]
            : [],
    ];

    /// <summary>Refuses images of other kinds unless the options leave them out.</summary>
    public void Check()
    {
        if (_images.First is null || areImagesSkipped) return;

        throw new InvalidDataException(
            $"{path} must have images in PNG, JPEG, WebP or BMP; others are {_images}, the first {_images.First}: "
            + "convert them, or set the option \"skipOtherImages\" to leave them out.");
    }
}
