using static System.FormattableString;

namespace Retort.Data.Images;

/// <summary>What the readers of encoded pictures share: to which size and channels they are brought, what is too large.</summary>
public abstract record ImageDataOptions : FileDataOptions
{
    /// <summary>Side in pixels that every picture is brought to, from the square in its middle; as they are unless given.</summary>
    public int? Size { get; init => field = value is { } side ? Require.Positive(side) : null; }

    /// <summary>Channels of every picture, 1 or 3; unless given 1 where all files are grey, else 3.</summary>
    public int? Channels
    {
        get;
        init => field = value is null or 1 or 3 ? value
            : throw new ArgumentOutOfRangeException(nameof(Channels), null, Invariant($"Channels must be 1 or 3; it is {value}."));
    }

    /// <summary>Pixels that one picture may have, at most 500 million; a file that claims more is refused before it is decoded.</summary>
    public int MaxPixels
    {
        get;
        init => field = value is >= 1 and <= 500_000_000 ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxPixels), null, Invariant($"MaxPixels must be from 1 to 500000000; it is {value}."));
    } = 50_000_000;
}
