namespace Retort.Models;

/// <summary>Checks that data fits an image network before it is built.</summary>
static class ImageInput
{
    /// <summary>
    /// Channels, height and width of the images; other data, and images below the least size, are refused.
    /// </summary>
    public static (long Channels, long Height, long Width) Of(DatasetInfo info, string network, long least)
    {
        if (info.Image is null) throw new InvalidOperationException(
            $"{network} takes images; the data has {info.Names}: choose another network, such as mlp.");

        var (channels, height, width) = info.ImageShape;
        return height >= least && width >= least ? (channels, height, width) : throw new InvalidOperationException(
            $"{network} takes images of at least {least} x {least} pixels; the data's are {height} x {width}: "
            + "choose a network for smaller ones, such as convnet or mlp.");
    }
}
