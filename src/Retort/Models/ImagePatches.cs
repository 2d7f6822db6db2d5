namespace Retort.Models;

/// <summary>Cuts images into patches, each a vector. [B, C, H, W] → [B, N, D]</summary>
sealed class ImagePatches : torch.nn.Module<Tensor, Tensor>
{
    readonly (Conv2d Projection, string Name) _layer;                       // a field of a module's type names it

    /// <param name="channels">C.</param>
    /// <param name="size">D.</param>
    /// <param name="side">The side of a patch in pixels.</param>
    /// <param name="name">The convolution's name among the parameters.</param>
    public ImagePatches(long channels, long size, long side, string name) : base(nameof(ImagePatches))
    {
        _layer = (new(channels, size, side, stride: side), name);
        register_module(name, _layer.Projection);
    }

    /// <summary>Rows and columns of patches; images whose sides are no multiples of a patch's are refused.</summary>
    /// <param name="image">Channels, height and width.</param>
    /// <param name="side">The side of a patch in pixels.</param>
    /// <param name="network">The network's name, for the message.</param>
    public static (long Rows, long Columns) GridOf(
        (long Channels, long Height, long Width) image, long side, string network)
    {
        var (_, height, width) = image;
        return height % side == 0 && width % side == 0 ? (height / side, width / side)
            : throw new InvalidOperationException(
                Invariant($"{network} takes images whose sides are multiples of patchSize, {side}; the data's are ")
                + Invariant($"{height} x {width}: choose another patchSize, or resize the images with the data's ")
                + "\"size\".");
    }

    public override Tensor forward(Tensor x)
    {
        var maps = _layer.Projection.call(x);                               // [B, D, rows, columns]
        return maps.Reshape(maps.size(0), maps.size(1), maps.size(2) * maps.size(3)).Transpose();
    }
}
