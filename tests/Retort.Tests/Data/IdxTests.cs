using Retort.Data;

namespace Retort.Tests.Data;

public sealed class IdxTests
{
    [Fact]
    public void The_shipped_pictures_are_twelve_thousand_and_as_many_of_each_class()
    {
        var data = new IdxOptions { Path = Written.Shipped("fashion-mnist-12k") }.Open();
        Assert.Equal((9000, 1000, 2000), (data.Training.Count, data.Validation.Count, data.Test.Count));
        Assert.Equal("Ankle boot", data.Facts.Classes[9]);
        var test = new Prepared();
        data.Test.Prepare([.. Enumerable.Range(0, 2000)], View.Plain, test);
        Assert.All(test.Labels.ToArray().CountBy(label => label), pair => Assert.Equal(200, pair.Value));
    }

    [Fact] // 0, 255, 255, 255 over 255: mean ¾, variance (9/16 + 3/16) / 4 = 3/16
    public void Normalisation_is_mean_and_deviation_of_the_training_rows()
    {
        var pictures = new Pictures(new(1, 1, 2), [[0, 255], [255, 255], [7, 9]]) { Name = "two", Classes = ["a"], Labels = [0, 0, 0] };
        var found = pictures.Measure([0, 1]);
        Assert.Equal((255, 0.75, Math.Sqrt(3.0 / 16)), (found.Scale, found.Mean[0], found.Deviation[0]));
    }

    [Fact] // byte 102 with scale 255, mean .5, deviation .2: (.4 - .5) / .2 = -.5; test pictures begin with byte 100 + 6 i
    public void A_test_picture_is_normalised_and_keeps_its_place_as_id()
    {
        var data = new IdxOptions { Path = Written.Idx(), Normalisation = new(255, [0.5], [0.2]) }.Open();
        var batch = new Prepared();
        data.Test.Prepare([0, 3], View.Plain, batch);
        Assert.Equal(-0.5, batch.Floats("pixels", [1, 2, 3])[2], tolerance: 1e-6);
        Assert.Equal([10, 13], batch.Ids.ToArray());
        Assert.Equal([1, 0], batch.Labels.ToArray());
    }
}
