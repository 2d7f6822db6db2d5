using Retort.Data;
using Retort.Data.Images;
using Retort.Tests.Data;
using SkiaSharp;

namespace Retort.Tests.Runtime;

public sealed class ImageLoaderTests
{
    [Fact] // .299 · 255 + .5 is 76 whole, and 76 / 255 = .298
    public void An_image_of_the_right_size_becomes_values_from_0_to_1()
    {
        var red = DataFiles.Picture(2, 2, SKColors.Red);
        var grey = new float[4];
        ImageLoader.Read(red, "red.png", new(1, 2, 2), grey);
        Assert.All(grey, value => Assert.Equal(76 / 255f, value));
        var color = new float[12];
        ImageLoader.Read(red, "red.png", new(3, 2, 2), color);
        Assert.Equal([1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0], color);
    }

    [Fact]
    public void A_student_gets_the_same_values_as_training()
    {
        var files = Enumerable.Range(0, 12).ToDictionary(
            i => $"{"ab"[i % 2]}/{i:00}.png",
            i => DataFiles.Picture(5 + i, 17 - i, new((byte)(20 * i), (byte)(255 - 9 * i), 77)));
        var options = new ImageFolderOptions
        {
            Path = DataFiles.OnDisk(files),
            Size = 4,
            Channels = 1,
            Test = 3,
            Validation = 2,
        };
        var read = (NumericExamples)options.Read();
        var constants = read.Constants(new(255, [0], [1]));                 // values from 0 to 1
        var (ofTraining, ofStudent) = (new float[16], new float[16]);
        var names = files.Keys.Order(StringComparer.Ordinal).ToList();
        for (var row = 0; row < names.Count; row++)
        {
            read.Fill(row, constants, ofTraining);
            ImageLoader.Read(files[names[row]], names[row], new(1, 4, 4), ofStudent);
            Assert.Equal(ofTraining, ofStudent);
        }
    }

    [Fact] // 9 million pixels to 8 × 8: 8 columns of 3,000 numbers; a copy as numbers would take 72 MB
    public void A_large_image_is_resized_without_a_copy_of_it()
    {
        byte[] pixels = [.. Enumerable.Range(0, 9_000_000).Select(i => (byte)(i / 3000 < 1500 ? 0 : 200))];
        var image = new Image(new(1, 3000, 3000), pixels);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var small = image.CropAndResize(8);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        Assert.Equal(Enumerable.Repeat((byte)0, 24), small.Pixels[..24]);
        Assert.Equal(Enumerable.Repeat((byte)200, 24), small.Pixels[40..]);
    }

    [Fact]
    public void An_image_that_cannot_be_converted_to_the_students_size_is_refused()
    {
        var image = DataFiles.Picture(4, 6, SKColors.Red);
        Assert.Equal(
            "p.png is 4 × 6; the student takes 2 × 3, and only squares are resized.",
            Refusal(image, new(1, 2, 3), 100));
        Assert.Equal("p.png is 4 × 6; 20 pixels at most are decoded.", Refusal(image, new(1, 2, 2), 20));
        Assert.Equal(
            "p.png is an image of 3 channels; the student takes 2, and only 1 and 3 can be converted to each other.",
            Refusal(image, new(2, 2, 2), 100));
        Assert.StartsWith(
            "p.png is no PNG, JPEG, WebP or BMP image",
            Refusal([1, 2, 3], new(1, 2, 2), 100),
            StringComparison.Ordinal);

        static string Refusal(byte[] content, ImageSize size, int maxPixels)
        {
            var into = new float[size.Count];
            return Assert.Throws<InvalidDataException>(
                () => ImageLoader.Read(content, "p.png", size, into, maxPixels)).Message;
        }
    }
}
