namespace Retort.Models;

/// <summary>The normalization between a linear layer and its ReLU.</summary>
public enum MlpNorm
{
    /// <summary>None.</summary>
    None,

    /// <summary>
    /// Layer normalization: it normalizes each example by itself, so that equal weights are the same function in
    /// training and in inference.
    /// </summary>
    Layer,
}
