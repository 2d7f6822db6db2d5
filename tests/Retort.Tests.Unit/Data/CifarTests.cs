using System.Text;
using Retort.Data;

namespace Retort.Tests.Data;

public sealed class CifarTests
{
    [Theory]
    [InlineData("folder")]
    [InlineData(".tar.gz")]
    public void Ten_classes_in_six_files(string kind)
    {
        var data = new CifarOptions { Path = Saved(Ten(), kind), Validation = 2 }.Open();
        Assert.Equal((48, 2, 3), (data.Training.Count, data.Validation.Count, data.Test.Count));
        Assert.Equal("ship", data.Info.Classes[8]);
        var batch = new HostBatch();
        data.Test.Load([2], View.Plain, batch);
        Assert.Equal((52, 9), (batch.Ids[0], batch.Labels[0]));                // labels 7, 8, 9 after 50 images
    }

    [Fact]
    public void A_hundred_classes_by_their_fine_label()
    {
        var files = new Dictionary<string, byte[]>
        {
            ["train.bin"] = [.. DataFiles.Cifar(100, 3, 0), .. DataFiles.Cifar(100, 3, 0)],
            ["test.bin"] = DataFiles.Cifar(2, 1, 40),
        };
        var data = new CifarOptions { Path = Saved(files, "folder"), Validation = 1 }.Open();
        var batch = new HostBatch();
        data.Test.Load([0, 1], View.Plain, batch);
        Assert.Equal([40, 41], batch.Labels.ToArray());
        Assert.Equal(100, data.Info.Classes.Count);
    }

    [Theory]
    [InlineData("data_batch_3.bin", 3072, "data_batch_3.bin must be a multiple of 3073 bytes long; it has 3072.")]
    [InlineData("data_batch_3.bin", 0, "data_batch_3.bin must be a multiple of 3073")]
    [InlineData("batches.meta.txt", 9, "must name 10 classes; it names 2.")]
    public void Files_of_another_length_are_refused(string name, int length, string why)
    {
        var files = Ten();
        files[name] = files[name][..length];
        Refused(files, why);
    }

    [Fact]
    public void A_missing_file_and_a_label_outside_the_classes_are_refused()
    {
        var files = Ten();
        files["data_batch_2.bin"][3073] = 10;
        Refused(files, "data_batch_2.bin, record 2: the class must be from 0 to 9; it is 10.");
        files.Remove("data_batch_2.bin");
        Refused(files, "has no data_batch_2.bin");
    }

    [Fact]
    public void A_class_without_an_example_is_refused()
    {
        var files = Ten();
        for (var i = 1; i <= 5; i++) files[$"data_batch_{i}.bin"] = DataFiles.Cifar(5, 0);
        files["test_batch.bin"] = DataFiles.Cifar(3, 0);
        Refused(files, "has no example of class \"dog\"; each of the 10 classes must have one.");
    }

    static Dictionary<string, byte[]> Ten()
    {
        var files = Enumerable.Range(1, 5).ToDictionary(
            i => $"data_batch_{i}.bin", _ => DataFiles.Cifar(10, 0));                    // each class
        files["test_batch.bin"] = DataFiles.Cifar(3, 7);
        files["batches.meta.txt"] = Encoding.UTF8.GetBytes(
            "plane\ncar\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n");
        return files;
    }

    static string Saved(Dictionary<string, byte[]> files, string kind) =>
        kind == "folder" ? DataFiles.OnDisk(files) : DataFiles.Archive(files, kind, "cifar-10-batches-bin/");

    static void Refused(Dictionary<string, byte[]> files, string why)
    {
        var options = new CifarOptions { Path = DataFiles.OnDisk(files) };
        var message = Assert.Throws<InvalidDataException>(options.Open).Message;
        Assert.Contains(why, message, StringComparison.Ordinal);
    }
}
