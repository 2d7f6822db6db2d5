namespace Retort.Data.Images;

/// <summary>Options that the readers of encoded images share: size, channels and the largest image.</summary>
public abstract record ImageDataOptions : NumericDataOptions
{
    /// <summary>
    /// The side in pixels that every image's centre square is resized to. By default images keep their size.
    /// </summary>
    [AtLeast(1)] public int? Size { get; init; }

    /// <summary>
    /// More training images, without labels: a folder or archive of any structure, a .parquet file with a column of
    /// images, or a .txt file that lists images, one path a line, relative to the list. The student learns from the
    /// teacher's outputs for them; a teacher that the recipe trains, and the control, do not get them, and the
    /// normalization is computed without them.
    /// </summary>
    [RecipePath] public string? Unlabelled { get; init; }

    /// <summary>The channels of every image, 1 or 3. By default 1 where all files are grey, and otherwise 3.</summary>
    [OneOf(1, 3)] public int? Channels { get; init; }

    /// <summary>
    /// The most pixels that an image may have, at most 500 million. A file that states more is refused before decoding.
    /// </summary>
    [Between(1, 500_000_000)] public int MaxPixels { get; init; } = 50_000_000;

    /// <summary>
    /// Whether files that are damaged, or no images despite their names, are left out. By default they are an error. A
    /// run names what was left out, on the console and in the report.
    /// </summary>
    public bool SkipUnreadable { get; init; }

    public override OptionError? Validate() => base.Validate()
        ?? (Unlabelled is { } path ? DataPath.Check(nameof(Unlabelled), path) : null);
}
