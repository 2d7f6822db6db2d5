namespace Retort.Models;

/// <summary>How a block halves its map.</summary>
public enum Downsampling
{
    /// <summary>The largest of each 2 x 2 square, after the ReLU.</summary>
    MaxPool,

    /// <summary>The mean of each 2 x 2 square, after the ReLU.</summary>
    AveragePool,

    /// <summary>The convolution has stride 2: a fourth of the work.</summary>
    Stride,
}
