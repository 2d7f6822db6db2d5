namespace Retort.Tensors;

/// <summary>The order of an image tensor's elements in memory. The shape stays [B, C, H, W].</summary>
public enum MemoryFormat
{
    /// <summary>Channel by channel (NCHW).</summary>
    Contiguous,

    /// <summary>Pixel by pixel (NHWC): faster for most convolutions.</summary>
    ChannelsLast,
}
