using Retort.Data.Images;
using Retort.Data;

namespace Retort.Tests.Data;

public sealed class IdxTests
{
    [Fact]
    public void The_shipped_pictures_are_twelve_thousand_and_as_many_of_each_class()
    {
        var data = new IdxOptions { Path = Written.Shipped("fashion-mnist-12k") }.Open();
        Assert.Equal((9000, 1000, 2000), (data.Training.Count, data.Validation.Count, data.Test.Count));
        Assert.Equal("Ankle boot", data.Info.Classes[9]);
        var test = new HostBatch();
        data.Test.Load([.. Enumerable.Range(0, 2000)], View.Plain, test);
        Assert.All(test.Labels.ToArray().CountBy(label => label), pair => Assert.Equal(200, pair.Value));
    }

    [Fact] // 0, 255, 255, 255 over 255: mean ¾, variance (9/16 + 3/16) / 4 = 3/16
    public void Normalization_is_mean_and_deviation_of_the_training_rows()
    {
        var pictures = new ImageExamples(new(1, 1, 2), [[0, 255], [255, 255], [7, 9]]) { Name = "two", Classes = ["a"], Labels = [0, 0, 0] };
        var found = pictures.Measure([0, 1]);
        Assert.Equal((255, 0.75, Math.Sqrt(3.0 / 16)), (found.Scale, found.Mean[0], found.StandardDeviation[0]));
    }

    [Fact] // byte 102 with scale 255, mean .5, deviation .2: (.4 - .5) / .2 = -.5; test pictures begin with byte 100 + 6 i
    public void A_test_picture_is_normalised_and_keeps_its_place_as_id()
    {
        var data = new IdxOptions { Path = Written.Idx(), Normalization = new(255, [0.5], [0.2]) }.Open();
        var batch = new HostBatch();
        data.Test.Load([0, 3], View.Plain, batch);
        Assert.Equal(-0.5, batch.Float32("pixel_values", [1, 2, 3])[2], tolerance: 1e-6);
        Assert.Equal([10, 13], batch.Ids.ToArray());
        Assert.Equal([1, 0], batch.Labels.ToArray());
    }

    [Fact]
    public void Zipped_files_read_the_same() =>
        Assert.Equal(new IdxOptions { Path = Written.Idx() }.Open().Hash, new IdxOptions { Path = Written.Idx(zipped: true) }.Open().Hash);

    [Fact]
    public void Broken_files_are_refused_by_name_and_record()
    {
        var images = Written.IdxImages(10, 2, 3, i => (byte)i);
        Refused("train-images-idx3-ubyte", images[..(16 + 6 * 4 + 2)], "train-images-idx3-ubyte ends in picture 5 of 10: 6 bytes were due, 2 came.");
        Refused("train-images-idx3-ubyte", images[..7], "ends in its header: 16 bytes were due, 7 came.");
        Refused("train-images-idx3-ubyte", [.. images, 0], "goes on after the last example");
        Refused("train-images-idx3-ubyte", Written.IdxLabels([.. Enumerable.Repeat((byte)0, 20)]), "the first four bytes must be 00000803; they are 00000801.");
        Refused("train-labels-idx1-ubyte", Written.IdxLabels(0, 1), "has 2 labels for 10 pictures.");
        Refused("t10k-images-idx3-ubyte", Written.IdxImages(4, 3, 2, _ => 0), "has pictures of 3 × 2; those of the training part are 2 × 3.");
    }

    [Fact]
    public void A_label_outside_the_classes_is_refused()
    {
        Refused("t10k-labels-idx1-ubyte", Written.IdxLabels(0, 1, 2, 0), "label 3: classes go from 0 to 1; it is 2.");
        Refused("train-labels-idx1-ubyte", Written.IdxLabels(0, 1, 0, 1, 0, 1, 0, 1, 0, 200), "has no example of class 2; each of the 201 classes must have one.");
        Refused("classes.txt", "one\n"u8.ToArray(), "label 2: classes go from 0 to 0; it is 1.");
    }

    [Fact] // 2 · 10⁹ pictures of 28 × 28 would be 1.6 TB; the file has 16 bytes
    public void A_header_that_promises_more_than_the_budget_is_refused_before_anything_is_allocated()
    {
        var header = Written.IdxImages(0, 28, 28, _ => 0);
        (header[4], header[5], header[6], header[7]) = (0x77, 0x35, 0x94, 0);
        Refused("train-images-idx3-ubyte", header, "would bring the data to 1568000 MB; the option \"memoryLimit\" allows 2000 MB.");
    }

    [Fact]
    public void Damaged_gzip_is_refused_in_our_words()
    {
        var folder = Written.Idx(zipped: true);
        var path = Path.Combine(folder, "train-images-idx3-ubyte.gz");
        var bytes = File.ReadAllBytes(path);
        bytes[12] ^= 0xff;
        File.WriteAllBytes(path, bytes);
        Assert.StartsWith(path, Assert.Throws<InvalidDataException>(new IdxOptions { Path = folder }.Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_set_that_can_be_downloaded_says_how()
    {
        var folder = Path.Combine(Written.Idx(), "mnist");
        Assert.Equal($"{folder} is not there; `retort data get mnist` brings this set.", Assert.Throws<InvalidDataException>(new IdxOptions { Path = folder }.Open).Message);
    }

    static void Refused(string name, byte[] content, string why) => Assert.Contains(why,
        Assert.Throws<InvalidDataException>(new IdxOptions { Path = Written.Idx(other: (name, content)) }.Open).Message, StringComparison.Ordinal);
}
