namespace Retort.Models;

/// <summary>The normalization between a convolution and its ReLU.</summary>
public enum ConvNetNorm
{
    /// <summary>None; the convolution has a bias.</summary>
    None,

    /// <summary>Batch normalization; the convolution has no bias.</summary>
    Batch,
}
