namespace Retort.Tensors;

/// <summary>How a picture's numbers lie in memory; the shape stays [B, C, H, W].</summary>
public enum MemoryFormat
{
    /// <summary>Channel by channel.</summary>
    Contiguous,

    /// <summary>Pixel by pixel, the channels of one together: faster for most convolutions.</summary>
    ChannelsLast,
}
