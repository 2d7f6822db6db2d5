namespace Retort.Data.Images;

/// <summary>What the readers of encoded pictures share: to which size and channels they are brought, what is too large.</summary>
public abstract record ImageDataOptions : FileDataOptions
{
    /// <summary>Side in pixels that every picture is brought to, from the square in its middle; as they are unless given.</summary>
    [AtLeast(1)] public int? Size { get; init; }

    /// <summary>Channels of every picture, 1 or 3; unless given 1 where all files are grey, else 3.</summary>
    [OneOf(1, 3)] public int? Channels { get; init; }

    /// <summary>Pixels that one picture may have, at most 500 million; a file that claims more is refused before it is decoded.</summary>
    [Between(1, 500_000_000)] public int MaxPixels { get; init; } = 50_000_000;
}
