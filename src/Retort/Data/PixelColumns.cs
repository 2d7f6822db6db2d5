using Retort.Runtime.Features;

namespace Retort.Data;

/// <summary>How the columns of a table make an image: row by row, one channel after another.</summary>
public sealed record PixelColumns
{
    /// <summary>1 or 3.</summary>
    [OneOf(1, 3)] public int Channels { get; init; } = 1;

    /// <summary>The image's height in pixels.</summary>
    [AtLeast(1)] public required int Height { get; init; }

    /// <summary>The image's width in pixels.</summary>
    [AtLeast(1)] public required int Width { get; init; }

    /// <summary>The value of white, at most 255. Pixels are integers from 0 to this value.</summary>
    [Between(1, 255)] public int Scale { get; init; } = 255;

    internal long Count => (long)Channels * Height * Width;
    internal ImageSize ImageSize => new(Channels, Height, Width);
}
