using static System.FormattableString;

namespace Retort.Data.Images;

/// <summary>Options that the readers of encoded images share: size, channels and the largest image.</summary>
public abstract record ImageDataOptions : FileDataOptions
{
    /// <summary>
    /// The side in pixels that every image's centre square is resized to. By default images keep their size.
    /// </summary>
    public int? Size { get; init => field = value is { } side ? Require.Positive(side) : null; }

    /// <summary>The channels of every image, 1 or 3. By default 1 where all files are grey, and otherwise 3.</summary>
    public int? Channels
    {
        get;
        init
        {
            Require.That(value is null or 1 or 3, Invariant($"Channels must be 1 or 3; it is {value}."));
            field = value;
        }
    }

    /// <summary>
    /// The most pixels that an image may have, at most 500 million. A file that states more is refused before decoding.
    /// </summary>
    public int MaxPixels
    {
        get;
        init
        {
            Require.That(
                value is >= 1 and <= 500_000_000,
                Invariant($"MaxPixels must be from 1 to 500000000; it is {value}."));
            field = value;
        }
    } = 50_000_000;
}
