using System.Text;
using Retort.Data;
using Retort.Data.Images;

namespace Retort.Tests.Data;

public sealed class IdxTests
{
    [Fact]
    public void The_shipped_images_are_twelve_thousand_and_as_many_of_each_class()
    {
        var data = new IdxOptions { Path = DataFiles.Shipped("fashion-mnist-12k") }.Open();
        Assert.Equal((9000, 1000, 2000), (data.Training.Count, data.Validation.Count, data.Test.Count));
        Assert.Equal("Ankle boot", data.Info.Classes[9]);
        var test = new HostBatch();
        data.Test.Load([.. Enumerable.Range(0, 2000)], View.Plain, test);
        Assert.All(test.Labels.ToArray().CountBy(label => label), pair => Assert.Equal(200, pair.Value));
    }

    [Fact] // 0, 255, 255, 255 over 255: mean ¾, variance (9/16 + 3/16) / 4 = 3/16
    public void Normalization_is_mean_and_deviation_of_the_training_rows()
    {
        var images = new ImageExamples(new(1, 1, 2), [[0, 255], [255, 255], [7, 9]])
        {
            Name = "two", Classes = ["a"], Labels = [0, 0, 0],
        };
        var found = images.Measure([0, 1]);
        Assert.Equal((255, 0.75, Math.Sqrt(3.0 / 16)), (found.Scale, found.Mean[0], found.StandardDeviation[0]));
    }

    // byte 102 with scale 255, mean .5, deviation .2: (.4 - .5) / .2 = -.5; test image i begins with byte 100 + 6 i
    [Fact]
    public void A_test_image_is_normalized_and_its_row_is_its_id()
    {
        var data = new IdxOptions { Path = DataFiles.Idx(), Normalization = new(255, [0.5], [0.2]) }.Open();
        var batch = new HostBatch();
        data.Test.Load([0, 3], View.Plain, batch);
        Assert.Equal(-0.5, batch.Float32("pixel_values", [1, 2, 3])[2], tolerance: 1e-6);
        Assert.Equal([10, 13], batch.Ids.ToArray());
        Assert.Equal([1, 0], batch.Labels.ToArray());
    }

    [Fact]
    public void Packed_files_read_the_same()
    {
        var plain = new IdxOptions { Path = DataFiles.Idx() }.Open();
        Assert.Equal(plain.Hash, new IdxOptions { Path = DataFiles.Idx(zipped: true) }.Open().Hash);
    }

    [Fact]
    public void Broken_files_are_refused_by_name_and_record()
    {
        var images = DataFiles.IdxImages(10, 2, 3, i => (byte)i);
        Refused(
            "train-images-idx3-ubyte",
            images[..(16 + 6 * 4 + 2)],
            "train-images-idx3-ubyte ends in image 5 of 10: it must have 6 bytes and has 2.");
        Refused("train-images-idx3-ubyte", images[..7], "ends in its header: it must have 16 bytes and has 7.");
        Refused("train-images-idx3-ubyte", [.. images, 0], "must end after the last example; it goes on.");
        Refused(
            "train-images-idx3-ubyte",
            DataFiles.IdxLabels([.. Enumerable.Repeat((byte)0, 20)]),
            "its first four bytes must be 00000803; they are 00000801.");
        Refused("train-labels-idx1-ubyte", DataFiles.IdxLabels(0, 1), "must have 10 labels; it has 2.");
        Refused(
            "t10k-images-idx3-ubyte",
            DataFiles.IdxImages(4, 3, 2, _ => 0),
            "has images of 3 × 2; the training images have 2 × 3.");
    }

    [Fact]
    public void A_label_outside_the_classes_is_refused()
    {
        Refused(
            "t10k-labels-idx1-ubyte",
            DataFiles.IdxLabels(0, 1, 2, 0),
            "label 3: the class must be from 0 to 1; it is 2.");
        Refused(
            "train-labels-idx1-ubyte",
            DataFiles.IdxLabels(0, 1, 0, 1, 0, 1, 0, 1, 0, 200),
            "has no example of class 2; each of the 201 classes must have one.");
        Refused("classes.txt", [0xc4, 10, 0xd6, 10], "classes.txt must be text in UTF-8; it is not.");
        Refused("classes.txt", "one\n"u8.ToArray(), "label 2: the class must be from 0 to 0; it is 1.");
    }

    [Theory] // EMNIST's letters are 1 to 26
    [InlineData(null)]
    [InlineData("cat\ndog\n")]
    public void Labels_that_begin_at_one_are_read(string? names)
    {
        (string, byte[])[] files =
        [
            ("train-labels-idx1-ubyte", DataFiles.IdxLabels(1, 2, 1, 2, 1, 2, 1, 2, 1, 2)),
            ("t10k-labels-idx1-ubyte", DataFiles.IdxLabels(2, 2, 1, 1)),
        ];
        if (names is not null) files = [.. files, ("classes.txt", Encoding.UTF8.GetBytes(names))];
        var data = new IdxOptions { Path = DataFiles.Idx(other: files) }.Open();
        Assert.Equal(names is null ? ["1", "2"] : ["cat", "dog"], data.Info.Classes);
        var batch = new HostBatch();
        data.Test.Load([0, 2], View.Plain, batch);
        Assert.Equal([1, 0], batch.Labels.ToArray());

        files[1] = ("t10k-labels-idx1-ubyte", DataFiles.IdxLabels(2, 2, 1, 0));
        Assert.EndsWith(
            "label 4: the class must be from 1 to 2; it is 0.",
            Assert.Throws<InvalidDataException>(new IdxOptions { Path = DataFiles.Idx(other: files) }.Open).Message,
            StringComparison.Ordinal);
    }

    [Fact] // 100,000 images of one pixel are 0.1 MB, and their arrays 10 MB
    public void The_memory_limit_counts_the_arrays_of_small_images()
    {
        var folder = DataFiles.Idx(other: ("train-images-idx3-ubyte", DataFiles.IdxImages(100_000, 1, 1, _ => 1)));
        var error = Assert.Throws<InvalidDataException>(new IdxOptions { Path = folder, MemoryLimit = 6 }.Open);
        Assert.Contains(
            "would bring the data to 10.1 MB; the option \"memoryLimit\" allows 6 MB.", error.Message,
            StringComparison.Ordinal);
    }

    [Fact] // 2 · 10⁹ images of 28 × 28 and 100 bytes for each array would be 1.8 TB; the file has 16 bytes
    public void A_header_that_states_more_than_the_memory_limit_is_refused_before_allocation()
    {
        var header = DataFiles.IdxImages(0, 28, 28, _ => 0);
        (header[4], header[5], header[6], header[7]) = (0x77, 0x35, 0x94, 0);
        Refused(
            "train-images-idx3-ubyte",
            header,
            "would bring the data to 1768000 MB; the option \"memoryLimit\" allows 2000 MB.");
    }

    [Fact]
    public void Damaged_gzip_is_refused_with_the_file_and_the_place()
    {
        var folder = DataFiles.Idx(zipped: true);
        var path = Path.Combine(folder, "train-images-idx3-ubyte.gz");
        var bytes = File.ReadAllBytes(path);
        bytes[12] ^= 0xff;
        File.WriteAllBytes(path, bytes);
        var error = Assert.Throws<InvalidDataException>(new IdxOptions { Path = folder }.Open);
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_packed_file_beside_a_plain_one_and_class_names_in_a_folder_are_refused()
    {
        var folder = DataFiles.Idx();
        Directory.CreateDirectory(Path.Combine(folder, "classes.txt"));
        var options = new IdxOptions { Path = folder };
        Assert.EndsWith(
            "classes.txt must be a regular file; it is a folder.",
            Assert.Throws<InvalidDataException>(options.Open).Message, StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(folder, "train-images-idx3-ubyte.gz"), "text");
        Assert.Equal(
            $"{folder} must have train-images-idx3-ubyte or train-images-idx3-ubyte.gz; it has both.",
            Assert.Throws<InvalidDataException>(options.Open).Message);
        File.Delete(Path.Combine(folder, "train-images-idx3-ubyte"));
        Assert.Contains(
            "ubyte.gz is not gzip", Assert.Throws<InvalidDataException>(options.Open).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_message_about_a_missing_dataset_has_the_command_that_downloads_it()
    {
        var folder = Path.Combine(DataFiles.Idx(), "mnist");
        var error = Assert.Throws<InvalidDataException>(new IdxOptions { Path = folder }.Open);
        Assert.Equal($"{folder} does not exist; `retort data get mnist` downloads it.", error.Message);
    }

    static void Refused(string name, byte[] content, string why)
    {
        var options = new IdxOptions { Path = DataFiles.Idx(other: (name, content)) };
        var error = Assert.Throws<InvalidDataException>(options.Open);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }
}
