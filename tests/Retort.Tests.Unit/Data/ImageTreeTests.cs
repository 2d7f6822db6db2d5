using System.Diagnostics;
using System.Formats.Tar;
using Retort.Data.Images;
using Retort.Runtime.Features;
using SkiaSharp;

namespace Retort.Tests.Data;

/// <summary>Folders of images as other people have them: names, hidden files, links, other kinds of images.</summary>
public sealed class ImageTreeTests
{
    [Theory]
    [InlineData("Training", "Testing", "validation")]
    [InlineData("Train", "Test", "Valid")]
    [InlineData("TRAIN", "TEST", "val")]
    [InlineData("seg_train", "seg_test", "dev-set")]
    [InlineData("training_set", "test_set", "validation_set")]
    public void Splits_have_several_names_in_any_letter_case(string train, string test, string validation)
    {
        var data = Read(new()
        {
            [$"{train}/a"] = 4, [$"{train}/b"] = 4, [$"{test}/a"] = 2, [$"{test}/b"] = 1, [$"{validation}/a"] = 2,
        });
        Assert.Equal(["a", "b"], data.Info.Classes);
        Assert.Equal((8, 2, 3), (data.Training.Count, data.Validation.Count, data.Test.Count));
    }

    [Fact]
    public void A_class_may_be_called_like_a_split()
    {
        Assert.Equal(["test tube", "train"], Read(new() { ["train/train"] = 6, ["train/test tube"] = 6 }).Info.Classes);
        Assert.Equal(["test tube", "train set"], Read(new() { ["train set"] = 6, ["test tube"] = 6 }).Info.Classes);
        RefusedFolders(new() { ["train"] = 6, ["test"] = 6 }, "must be in train/CLASS");
    }

    [Fact]
    public void Folders_that_cannot_be_splits_are_refused()
    {
        RefusedFolders(
            new() { ["Train/a"] = 2, ["training/a"] = 2 }, "must have one folder for each split; it has Train and");
        RefusedFolders(
            new() { ["Test/a"] = 2, ["val/a"] = 2 }, "must have a folder \"train\" beside Test and val; it has none.");
    }

    [Theory]
    [InlineData(".ipynb_checkpoints/0.png")]
    [InlineData("a/.ipynb_checkpoints/0.png")]
    [InlineData("__MACOSX/a/._0.png")]
    [InlineData("a/._0.png")]
    [InlineData("a/Thumbs.db")]
    [InlineData("desktop.ini")]
    public void What_is_hidden_is_left_out(string name)
    {
        var files = Files(new() { ["a"] = 6, ["b"] = 6 });
        files[name] = [0, 5, 22, 7];
        var data = new ImageFolderOptions { Path = DataFiles.OnDisk(files) }.Open();
        Assert.Equal(["a", "b"], data.Info.Classes);
        Assert.Equal(12, data.Training.Count + data.Validation.Count + data.Test.Count);
        Assert.Empty(data.Notes);
        Assert.Equal(data.Hash, new ImageFolderOptions { Path = DataFiles.Archive(files, ".tar") }.Open().Hash);
    }

    [Fact]
    public void Files_that_are_no_images_are_left_out_and_counted()
    {
        var files = Files(new() { ["a"] = 6, ["b"] = 6 });
        foreach (var name in (string[])["a/1.txt", "b/2.jpg.bak", "b/3.TXT", "LICENSE"]) files[name] = [1, 2, 3];
        var data = new ImageFolderOptions { Path = DataFiles.OnDisk(files) }.Open();
        Assert.Equal(12, data.Training.Count + data.Validation.Count + data.Test.Count);
        const string expected = "left out, since they are no images: 1 .bak, 2 .txt, 1 without an ending; the first: ";
        Assert.StartsWith(expected, Assert.Single(data.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_kinds_of_images_are_refused_or_skipped()
    {
        var files = Files(new() { ["a"] = 6, ["b"] = 6 });
        files["a/plain"] = files["a/0.png"];
        foreach (var name in (string[])["a/1.gif", "b/2.HEIC", "b/3.heic", "b/4.tiff"]) files[name] = [1, 2, 3];
        var options = new ImageFolderOptions { Path = DataFiles.OnDisk(files) };
        Refused(
            options,
            "must have images in PNG, JPEG, WebP or BMP; others are 1 .gif, 2 .heic, 1 .tiff, 1 without an ending, "
                + "the first");
        var data = (options with { SkipOtherImages = true }).Open();
        Assert.Equal(12, data.Training.Count + data.Validation.Count + data.Test.Count);
        Assert.Equal(
            ["left out, as \"skipOtherImages\" says: 1 .gif, 2 .heic, 1 .tiff, 1 without an ending"], data.Notes);
    }

    [Fact] // red, green, blue and white, lossless
    public void WebP_and_BMP_are_read_as_PNG_is()
    {
        byte[] bmp = Convert.FromHexString("424D46000000000000003600000028000000020000000200000001001800000000001000"
            + "0000130B0000130B00000000000000000000FF0000FFFFFF00000000FF00FF000000");
        var png = Decoded(SKEncodedImageFormat.Png);
        Assert.Equal<byte>([255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255], png);
        Assert.Equal(png, Decoded(SKEncodedImageFormat.Webp));
        Assert.Equal(png, ImageDecoder.Decode(bmp, "x.bmp", _ => { }).Pixels);
        Assert.Contains("damaged", Assert.Throws<InvalidDataException>(
            () => ImageDecoder.Decode(bmp[..60], "x.bmp", _ => { })).Message);
    }

    static byte[] Decoded(SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(2, 2, SKColorType.Rgba8888, SKAlphaType.Opaque));
        bitmap.Pixels = [SKColors.Red, SKColors.Lime, SKColors.Blue, SKColors.White];
        using var image = SKImage.FromBitmap(bitmap);
        using SKData encoded = format == SKEncodedImageFormat.Webp
            ? bitmap.PeekPixels()!.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 100))!
            : image.Encode(format, 100)!;
        return ImageDecoder.Decode(encoded.ToArray(), "x", _ => { }).Pixels;
    }

    [Fact]
    public void Images_are_read_at_any_depth()
    {
        var data = Read(new() { ["a"] = 6, ["b"] = 6, ["b/1/2/3/4/5/6/7/8/9/10"] = 3 });
        Assert.Equal(15, data.Training.Count + data.Validation.Count + data.Test.Count);
        var deep = "b/" + string.Join('/', Enumerable.Range(1, 70));
        RefusedFolders(
            new() { ["a"] = 6, [deep] = 1 }, "is more than 64 folders below the data's; no deeper one is read.");
    }

    [Fact]
    public void Links_are_followed_and_those_that_lead_nowhere_are_refused()
    {
        var real = DataFiles.OnDisk(Files(new() { ["a"] = 6, ["b"] = 6 }));
        var folder = Directory.CreateTempSubdirectory("retort-links-").FullName;
        Directory.CreateSymbolicLink(Path.Combine(folder, "a"), Path.Combine(real, "a"));
        Directory.CreateDirectory(Path.Combine(folder, "b"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(real, "b")))
            File.CreateSymbolicLink(Path.Combine(folder, "b", Path.GetFileName(file)), file);
        var options = new ImageFolderOptions { Path = folder };
        Assert.Equal(new ImageFolderOptions { Path = real }.Open().Hash, options.Open().Hash);

        var loop = Path.Combine(folder, "b", "loop");
        Directory.CreateSymbolicLink(loop, folder);
        Refused(options, "is a link to");
        Directory.Delete(loop);
        File.CreateSymbolicLink(Path.Combine(folder, "b", "x.png"), "nowhere.png");
        Refused(options, "x.png is a link to nowhere.png, where no file is.");
    }

    [Fact]
    public void A_loop_of_links_is_refused()
    {
        var folder = DataFiles.OnDisk(Files(new() { ["cat"] = 6, ["dog"] = 6 }));
        Directory.CreateSymbolicLink(Path.Combine(folder, "cat", "x"), "../dog");
        Directory.CreateSymbolicLink(Path.Combine(folder, "dog", "x"), "../cat");
        Refused(new ImageFolderOptions { Path = folder }, "x must not lead into a loop; it is a link to ");
    }

    [Theory]
    [InlineData("/etc/a/0.png")]
    [InlineData("d/../../a/0.png")]
    public void A_member_of_an_archive_that_is_outside_of_it_is_refused(string name)
    {
        var files = Files(new() { ["a"] = 6, ["b"] = 6 });
        files[name] = files["a/0.png"];
        var path = DataFiles.Archive(files, ".tar");
        Refused(
            new ImageFolderOptions { Path = path },
            $"{path}, {name}: a member of an archive must have a relative name without \"..\"; this one has not.");
    }

    [Theory] // as tar -r adds a file once more
    [InlineData("d/a/0.png")]
    [InlineData("./d//a/0.png")]
    public void A_member_that_is_there_twice_is_refused(string name)
    {
        var files = Files(new() { ["d/a"] = 6, ["d/b"] = 6 });
        var path = DataFiles.Archive(files, ".tar");
        using (var tar = new TarWriter(new FileStream(path, FileMode.Open)))
        using (var old = new TarReader(new MemoryStream(File.ReadAllBytes(path))))
        {
            while (old.GetNextEntry() is { } entry) tar.WriteEntry(entry);
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name)
            {
                DataStream = new MemoryStream(files["d/a/0.png"]),
            });
        }
        Refused(
            new ImageFolderOptions { Path = path },
            "a/0.png: each file of an archive must have its own name; this one is there twice.");
    }

    [Fact] // Linux takes any bytes
    public void A_name_that_is_not_UTF_8_is_refused()
    {
        if (!OperatingSystem.IsLinux()) return;

        var folder = DataFiles.OnDisk(Files(new() { ["a"] = 6, ["b"] = 6 }));
        var start = new ProcessStartInfo("/bin/sh", ["-c", "mkdir \"$(printf 'caf\\351')\""]);
        start.WorkingDirectory = folder;
        using (var shell = Process.Start(start)!) shell.WaitForExit();
        Refused(
            new ImageFolderOptions { Path = folder }, "caf\ufffd must have a name in UTF-8; it has another encoding.");
    }

    [Fact] // e and U+0301 are é
    public void A_class_folder_is_one_in_both_forms_of_Unicode()
    {
        var data = Read(new()
        {
            ["train/caf\u00e9"] = 6, ["train/th\u00e9"] = 6, ["test/cafe\u0301"] = 2, ["test/the\u0301"] = 2,
        });
        Assert.Equal(["caf\u00e9", "th\u00e9"], data.Info.Classes);
        Assert.Equal(4, data.Test.Count);
    }

    [Fact]
    public void Classes_that_differ_in_letter_case_are_refused() => RefusedFolders(
        new() { ["cats"] = 6, ["Cats"] = 6 }, "the classes \"Cats\" and \"cats\" differ only in letter case");

    static Dictionary<string, byte[]> Files(Dictionary<string, int> counts) => counts
        .SelectMany(pair => Enumerable.Range(0, pair.Value).Select(i => $"{pair.Key}/{i}.png"))
        .ToDictionary(name => name, _ => DataFiles.Picture(2, 2, SKColors.Red));

    static Dataset Read(Dictionary<string, int> counts) =>
        new ImageFolderOptions { Path = DataFiles.OnDisk(Files(counts)) }.Open();

    static void RefusedFolders(Dictionary<string, int> counts, string why) =>
        Refused(new ImageFolderOptions { Path = DataFiles.OnDisk(Files(counts)) }, why);

    static void Refused(ImageFolderOptions options, string why) =>
        Assert.Contains(why, Assert.Throws<InvalidDataException>(options.Open).Message, StringComparison.Ordinal);
}
