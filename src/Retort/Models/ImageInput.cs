namespace Retort.Models;

/// <summary>What a network of pictures asks of the data before it is built.</summary>
static class ImageInput
{
    /// <summary>Channels, height and width, if both sides have at least this many pixels; else a sentence that says so.</summary>
    public static (long Channels, long Height, long Width) Of(DatasetInfo facts, string network, long least)
    {
        if (facts.Input(InputNames.PixelValues) is null)
            throw new InvalidOperationException(
                $"{network} wants pictures; the data has {facts.Names}: choose a network for it, such as mlp.");
        var (channels, height, width) = facts.ImageShape;
        return height >= least && width >= least ? (channels, height, width) : throw new InvalidOperationException(
            $"{network} wants pictures of at least {least} x {least} pixels; the data's are {height} x {width}: " +
            "choose a network for smaller ones, such as convnet or mlp.");
    }
}
