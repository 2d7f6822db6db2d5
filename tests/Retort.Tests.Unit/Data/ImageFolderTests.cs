using Retort.Data.Images;
using SkiaSharp;

namespace Retort.Tests.Data;

public sealed class ImageFolderTests
{
    [Theory]
    [InlineData("folder", "")]
    [InlineData(".tar", "")]
    [InlineData(".tar.gz", "./")]
    [InlineData(".tar.zst", "pets/")]
    public void The_same_images_give_the_same_dataset_in_folders_and_archives(string kind, string top)
    {
        var files = DataFiles.Pets();
        var path = kind == "folder" ? DataFiles.OnDisk(files) : DataFiles.Archive(files, kind, top);
        var data = new ImageFolderOptions { Path = path, Validation = 1 }.Open();
        Assert.Equal(["cat", "dog"], data.Info.Classes);
        Assert.Equal((3L, 4L, 6L), data.Info.ImageShape);
        Assert.Equal((5, 1, 2), (data.Training.Count, data.Validation.Count, data.Test.Count));
        var (height, width, channels, bytes) = ((IImageSource)data.Test).Image(0);
        Assert.Equal((4, 6, 3), (height, width, channels));
        Assert.Equal([255, 0, 0], bytes[..3]);                                                  // a cat is red
        var onDisk = new ImageFolderOptions { Path = DataFiles.OnDisk(DataFiles.Pets()), Validation = 1 };
        Assert.Equal(onDisk.Open().Hash, data.Hash);
    }

    [Fact]
    public void Classes_alone_are_split_by_seed()
    {
        var files = Enumerable.Range(0, 10).ToDictionary(
            i => $"{"ab"[i % 2]}/{i}.png", i => DataFiles.Picture(2, 2, new((byte)i, 0, 0), grey: true));
        var options = new ImageFolderOptions { Path = DataFiles.OnDisk(files), Test = 3, Validation = 0.2 };
        var data = options.Open();
        // a fifth of the 7 left is 1.4
        Assert.Equal((6, 1, 3), (data.Training.Count, data.Validation.Count, data.Test.Count));
        Assert.Equal(1, data.Info.ImageShape.Channels);
        Assert.Equal(data.Hash, options.Open().Hash);
        Assert.NotEqual(data.Hash, (options with { SplitSeed = 2 }).Open().Hash);
    }

    [Fact] // 4 → 2, triangles 4 wide: ¾, ¾, ¼ over 1¾: of 0 0 175 175 they make 175 / 7 = 25 and 175 · 6/7 = 150
    public void Resizing_averages()
    {
        byte[] row = [0, 0, 175, 175];
        var small = new Image(new(1, 4, 4), [.. row, .. row, .. row, .. row]).CropAndResize(2);
        Assert.Equal([25, 150, 25, 150], small.Pixels);
        byte[] wide = [9, 0, 0, 0, 0, 9, 9, 0, 0, 0, 0, 9, 9, 175, 175, 175, 175, 9, 9, 175, 175, 175, 175, 9];
        var square = new Image(new(1, 4, 6), wide).CropAndResize(2); // the same transposed, without the edges
        Assert.Equal([25, 25, 150, 150], square.Pixels);
    }

    [Fact]
    public void Size_and_channels_are_set_for_every_image()
    {
        var files = DataFiles.Pets();
        files["train/cat/9.png"] = DataFiles.Picture(8, 3, SKColors.Red);
        var data = new ImageFolderOptions { Path = DataFiles.OnDisk(files), Size = 2, Channels = 1 }.Open();
        Assert.Equal((1L, 2L, 2L), data.Info.ImageShape);
        Assert.Equal(76, ((IImageSource)data.Test).Image(0).Bytes[0]);                            // .299 · 255 = 76.2
    }

    [Fact]
    public void Images_of_different_sizes_are_refused()
    {
        var files = DataFiles.Pets();
        files["train/dog/9.png"] = DataFiles.Picture(5, 6, SKColors.Blue);
        Refused(files, "train/dog/9.png has 5 × 6 pixels, but train/cat/1.png has 4 × 6; the option \"size\"");
    }

    [Fact]
    public void An_empty_class_folder_is_refused()
    {
        var folder = DataFiles.OnDisk(DataFiles.Pets());
        Directory.CreateDirectory(Path.Combine(folder, "train", "emu"));
        Refused(
            new ImageFolderOptions { Path = folder },
            "train/emu is a class folder without an image; each must have one.");
    }

    [Fact]
    public void A_test_class_that_was_never_trained_is_refused()
    {
        var files = DataFiles.Pets();
        files["test/emu/1.png"] = DataFiles.Picture(4, 6, SKColors.Green);
        Refused(files, "is of class \"emu\"; the classes of the training images are cat, dog.");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Half_an_image_is_refused(bool jpeg)
    {
        var files = DataFiles.Pets();
        var name = jpeg ? "train/cat/x.jpg" : "train/cat/x.png";
        using var noise = new SKBitmap(32, 32);
        new Random(1).NextBytes(noise.GetPixelSpan());
        var whole = noise.Encode(jpeg ? SKEncodedImageFormat.Jpeg : SKEncodedImageFormat.Png, 100).ToArray();
        files[name] = whole[..(whole.Length / 2)];
        Refused(
            new ImageFolderOptions { Path = DataFiles.OnDisk(files), Size = 4 },
            $"{Path.GetFileName(name)} is damaged: it ends before the image does.");
    }

    [Fact]
    public void An_image_that_states_too_many_pixels_is_not_decoded()
    {
        var files = DataFiles.Pets();
        var claim = DataFiles.Picture(4, 6, SKColors.Red);
        (claim[18], claim[22]) = (0x40, 0x40);                       // IHDR: 16,390 × 16,388, with a wrong CRC
        files["train/cat/x.png"] = DataFiles.Picture(30, 40, SKColors.Red);
        Refused(
            new ImageFolderOptions { Path = DataFiles.OnDisk(files), MaxPixels = 1000 },
            "x.png has 30 × 40 pixels; the option \"maxPixels\" allows 1000.");
        files["train/cat/x.png"] = claim;
        Refused(files, "x.png");
    }

    [Fact]
    public void Text_with_the_name_of_an_image_is_refused()
    {
        var files = DataFiles.Pets();
        files["train/cat/x.png"] = "hello"u8.ToArray();
        Refused(files, "x.png is no PNG, JPEG, WebP or BMP image (5 bytes, beginning with 68656c6c).");
    }

    [Fact]
    public void Unreadable_images_are_listed_and_counted()
    {
        Refused(
            new ImageFolderOptions { Path = DataFiles.OnDisk(WithTexts(12)) },
            " has 12 images that cannot be read: ");
        Refused(
            new ImageFolderOptions { Path = DataFiles.OnDisk(WithTexts(12)) },
            "x09.png is no PNG, JPEG, WebP or BMP image (5 bytes, beginning with 68656c6c); and 2 more. Repair or "
            + "delete them, or set the option \"skipUnreadable\" to leave them out.");
    }

    [Fact]
    public void Unreadable_images_are_left_out_where_the_options_say_so()
    {
        var data = new ImageFolderOptions { Path = DataFiles.OnDisk(WithTexts(6)), SkipUnreadable = true }.Open();
        Assert.Equal(new ImageFolderOptions { Path = DataFiles.OnDisk(DataFiles.Pets()) }.Open().Hash, data.Hash);
        var finding = Assert.Single(data.Findings);
        Assert.Matches(
            "^6 images cannot be read and were left out, as \"skipUnreadable\" says: .*x00.png, .*x04.png and 1 more",
            finding.Text);
    }

    static Dictionary<string, byte[]> WithTexts(int count)
    {
        var files = DataFiles.Pets();
        for (var i = 0; i < count; i++) files[$"train/cat/x{i:00}.png"] = "hello"u8.ToArray();
        return files;
    }

    [Fact] // 3 · 400 · 600 bytes an image: the third makes 2.16 MB
    public void More_than_the_memory_limit_is_refused_from_the_headers()
    {
        var files = DataFiles.Pets().Keys.ToDictionary(name => name, _ => DataFiles.Picture(400, 600, SKColors.Red));
        Refused(
            new ImageFolderOptions { Path = DataFiles.OnDisk(files), MemoryLimit = 2 },
            "would bring the data to 2.2 MB; the option \"memoryLimit\" allows 2 MB.");
    }

    [Fact]
    public void A_name_outside_the_archive_is_refused()
    {
        var files = DataFiles.Pets();
        files["../../escaped.png"] = DataFiles.Picture(4, 6, SKColors.Red);
        var path = DataFiles.Archive(files, ".tar");
        Refused(new ImageFolderOptions { Path = path }, "must have a relative name without");
        Assert.False(File.Exists(Path.Combine(Path.GetDirectoryName(path)!, "../../escaped.png")));
    }

    [Theory]
    [InlineData(".tar")]
    [InlineData(".tar.gz")]
    [InlineData(".tar.zst")]
    public void Half_an_archive_is_refused(string ending)
    {
        var path = DataFiles.Archive(DataFiles.Pets(), ending);
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
        Refused(new ImageFolderOptions { Path = path }, path);
    }

    static void Refused(Dictionary<string, byte[]> files, string why) =>
        Refused(new ImageFolderOptions { Path = DataFiles.OnDisk(files) }, why);

    static void Refused(ImageFolderOptions options, string why) =>
        Assert.Contains(why, Assert.Throws<InvalidDataException>(options.Open).Message, StringComparison.Ordinal);
}
