using static System.FormattableString;

namespace Retort.Data;

/// <summary>How the columns of a table make an image: row by row, one channel after another.</summary>
public sealed record PixelColumns
{
    /// <summary>1 or 3.</summary>
    public int Channels
    {
        get;
        init
        {
            Require.That(value is 1 or 3, Invariant($"Channels must be 1 or 3; it is {value}."));
            field = value;
        }
    } = 1;

    /// <summary>The image's height in pixels.</summary>
    public required int Height { get; init => field = Require.Positive(value); }

    /// <summary>The image's width in pixels.</summary>
    public required int Width { get; init => field = Require.Positive(value); }

    /// <summary>The value of white, at most 255. Pixels are integers from 0 to this value.</summary>
    public int Scale
    {
        get;
        init
        {
            Require.That(value is >= 1 and <= 255, Invariant($"Scale must be from 1 to 255; it is {value}."));
            field = value;
        }
    } = 255;

    internal long Count => (long)Channels * Height * Width;
    internal ImageSize ImageSize => new(Channels, Height, Width);
}
