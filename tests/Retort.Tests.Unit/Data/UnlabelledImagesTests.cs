using Retort.Contracts;
using Retort.Data.Images;
using Retort.Data.Parquet;
using Retort.Tests.House;
using SkiaSharp;

namespace Retort.Tests.Data;

/// <summary>Images without labels beside labelled ones.</summary>
public sealed class UnlabelledImagesTests
{
    [Fact]
    public void Only_the_student_gets_images_without_labels()
    {
        var options = Pets;
        var data = (options with { Unlabelled = Folder() }).Open();
        Assert.Equal((8, 5, 5), (data.Training.Count, data.TeacherTraining.Count, data.Labelled.Count));
        Assert.Equal([-1, -1, -1], Labels(data.Training)[5..]);
        Assert.DoesNotContain(-1, Labels(data.Training)[..5]);
        Assert.DoesNotContain(-1, Labels(data.TeacherTraining));

        var alone = options.Open();
        Assert.NotEqual(alone.Hash, data.Hash);
        Assert.Equal(alone.Info.Inputs[0].Normalization, data.Info.Inputs[0].Normalization);
        Assert.Equal(Labels(alone.Test), Labels(data.Test));
    }

    [Fact]
    public void A_folder_of_any_structure_an_archive_and_a_list_give_the_same_data()
    {
        var folder = Folder();
        var list = Path.Combine(folder, "images.txt");
        File.WriteAllText(list, "deep/er/2.png\r\n\n3.png\ncat/1.png\n");
        var archive = DataFiles.Archive(Images, ".tar.gz", "");
        string[] hashes = [.. new[] { folder, archive }.Select(path => (Pets with { Unlabelled = path }).Open().Hash)];
        Assert.Equal(hashes[0], hashes[1]);
        Assert.Equal(8, (Pets with { Unlabelled = list }).Open().Training.Count);

        File.WriteAllText(list, "3.png\ncat/1.png\ndeep/er/2.png\n");
        Assert.Equal(hashes[0], (Pets with { Unlabelled = list }).Open().Hash);
    }

    [Fact]
    public void A_column_of_a_Parquet_file_adds_images_to_a_folder_and_to_another_file()
    {
        var digits = Repository.At("tests/Golden/Data/mnist-64.parquet");
        var folder = (Pets with { Size = 8, Unlabelled = digits }).Open();
        Assert.Equal((5 + 64, 5), (folder.Training.Count, folder.Labelled.Count));

        var parquet = new ParquetOptions { Path = digits };
        var (alone, data) = (parquet.Open(), (parquet with { Unlabelled = digits, LabelledExamples = 10 }).Open());
        Assert.Equal(alone.Training.Count + 64, data.Training.Count);
        Assert.Equal((alone.Training.Count, 10), (data.TeacherTraining.Count, data.Labelled.Count));
    }

    [Theory]
    [InlineData("list.txt", "gone.png", "list.txt, line 2 names gone.png, which is not there: names are relative")]
    [InlineData("list.txt", "notes.md", "list.txt, line 2 must name a PNG, JPEG, WebP or BMP file; it names notes.md.")]
    [InlineData("list.txt", "", "must hold PNG, JPEG, WebP or BMP images, as the option \"unlabelled\" says; it ")]
    [InlineData("absent", "", "absent does not exist.")]
    public void What_cannot_be_read_is_said(string name, string line, string expected)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("retort-list-").FullName, name);
        if (name == "list.txt") File.WriteAllText(path, "\n" + line);
        var error = Assert.Throws<InvalidDataException>(() => (Pets with { Unlabelled = path }).Open());
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    static ImageFolderOptions Pets { get; } = new() { Path = DataFiles.OnDisk(DataFiles.Pets()), Validation = 1 };

    // the names of folders say nothing
    static Dictionary<string, byte[]> Images => new()
    {
        ["cat/1.png"] = DataFiles.Picture(4, 6, SKColors.Green),
        ["deep/er/2.png"] = DataFiles.Picture(4, 6, SKColors.Yellow),
        ["3.png"] = DataFiles.Picture(4, 6, SKColors.White),
    };

    static string Folder() => DataFiles.OnDisk(Images);

    static List<long> Labels(IDataSplit split)
    {
        var batch = new HostBatch();
        split.Load([.. Enumerable.Range(0, split.Count)], View.Plain, batch);
        return [.. batch.Labels];
    }
}
