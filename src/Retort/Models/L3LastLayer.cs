namespace Retort.Models;

/// <summary>What follows the last convolution of an L3 network, before the maximum over the map.</summary>
public enum L3LastLayer
{
    /// <summary>Batch normalization: an embedding of both signs, as targets reduced by PCA have them.</summary>
    BatchNorm,

    /// <summary>Batch normalization and ReLU, as in SEA's published students: no number is below 0.</summary>
    Relu,

    /// <summary>Nothing, as in OpenL3's audio network.</summary>
    Convolution,
}
