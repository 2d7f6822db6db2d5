namespace Retort.Runtime.Features;

/// <summary>The size of an example: a picture's channels, rows and columns; features are channels of one pixel.</summary>
public readonly record struct ImageSize(int Channels, int Height, int Width)
{
    /// <summary>Numbers in one channel.</summary>
    public int Area => Height * Width;

    /// <summary>Numbers in all channels.</summary>
    public int Count => checked(Channels * Height * Width);

    public override string ToString() => Channels == 1 ? $"{Height} × {Width}" : $"{Channels} × {Height} × {Width}";
}
