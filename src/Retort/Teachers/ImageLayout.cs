namespace Retort.Teachers;

/// <summary>The order in which a teacher expects an image's numbers.</summary>
public enum ImageLayout
{
    /// <summary>[B, C, H, W], as in PyTorch.</summary>
    Nchw,

    /// <summary>[B, H, W, C], as in TensorFlow.</summary>
    Nhwc,

    /// <summary>[B, C · H · W], channel after channel; so are other float32 inputs of fixed sizes.</summary>
    Flat,
}
