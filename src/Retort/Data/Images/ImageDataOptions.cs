namespace Retort.Data.Images;

/// <summary>Options that the readers of encoded images share: size, channels and the largest image.</summary>
public abstract record ImageDataOptions : FileDataOptions
{
    /// <summary>
    /// The side in pixels that every image's centre square is resized to. By default images keep their size.
    /// </summary>
    [AtLeast(1)] public int? Size { get; init; }

    /// <summary>The channels of every image, 1 or 3. By default 1 where all files are grey, and otherwise 3.</summary>
    [OneOf(1, 3)] public int? Channels { get; init; }

    /// <summary>
    /// The most pixels that an image may have, at most 500 million. A file that states more is refused before decoding.
    /// </summary>
    [Between(1, 500_000_000)] public int MaxPixels { get; init; } = 50_000_000;
}
