using Retort.Data;
using Retort.Data.Images;

namespace Retort.Tests.Data;

/// <summary>Whole datasets, if the cache has them; RETORT_DATA names another folder.</summary>
public sealed class RealDataTests
{
    [Fact] // mean .1307, deviation .3081: the usual normalization of MNIST
    public void Mnist()
    {
        var data = new IdxOptions { Path = At("mnist"), Validation = 5000 }.Open();
        Assert.Equal((55_000, 5000, 10_000), (data.Training.Count, data.Validation.Count, data.Test.Count));
        Assert.Equal(0.1307, data.Info.Normalization!.Mean[0], tolerance: 0.001);
        Assert.Equal(0.3081, data.Info.Normalization!.StandardDeviation[0], tolerance: 0.001);
    }

    [Fact] // mean of the red channel .491, of the blue one .447
    public void Cifar_as_images_in_an_archive()
    {
        var data = new ImageFolderOptions { Path = Path.Combine(At("cifar10"), "cifar10-jpeg.tar.zst") }.Open();
        Assert.Equal((45_000, 5000, 10_000), (data.Training.Count, data.Validation.Count, data.Test.Count));
        Assert.Equal((3L, 32L, 32L), data.Info.ImageShape);
        Assert.Equal(0.491, data.Info.Normalization!.Mean[0], tolerance: 0.003);
        Assert.Equal(0.447, data.Info.Normalization!.Mean[2], tolerance: 0.003);
    }

    static string At(string name)
    {
        var folder = Path.Combine(CacheFolders.Data, name);
        Assert.SkipUnless(
            Directory.Exists(folder), $"{folder} does not exist; RETORT_DATA can name the folder that has {name}.");
        return folder;
    }
}
