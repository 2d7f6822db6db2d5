namespace Retort.Runtime.Features;

/// <summary>Channels, rows and columns of an example. Features of a table are channels of one pixel.</summary>
public readonly record struct ImageSize(int Channels, int Height, int Width)
{
    /// <summary>Pixels: the values of one channel.</summary>
    public int Area => Height * Width;

    /// <summary>Values of all channels.</summary>
    public int Count => checked(Channels * Height * Width);

    public override string ToString() => Channels == 1 ? $"{Height} × {Width}" : $"{Channels} × {Height} × {Width}";
}
