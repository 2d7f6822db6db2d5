using Retort.Data.Images;
using Retort.Data;
using Retort.Tests.Data;
using SkiaSharp;

namespace Retort.Tests.Runtime;

/// <summary>Pictures on their way to a student.</summary>
public sealed class PixelsTests
{
    [Fact] // .299 · 255 + .5 is 76 whole, and 76 / 255 = .298
    public void A_picture_of_the_right_size_becomes_numbers_from_0_to_1()
    {
        var numbers = new float[4];
        ImageLoader.Read(Written.Picture(2, 2, SKColors.Red), "red.png", new(1, 2, 2), numbers);
        Assert.All(numbers, number => Assert.Equal(76 / 255f, number));
        var colour = new float[12];
        ImageLoader.Read(Written.Picture(2, 2, SKColors.Red), "red.png", new(3, 2, 2), colour);
        Assert.Equal([1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0], colour);
    }

    [Fact]
    public void A_student_sees_what_trainings_reader_saw()
    {
        var files = Enumerable.Range(0, 12).ToDictionary(i => $"{"ab"[i % 2]}/{i:00}.png", i => Written.Picture(5 + i, 17 - i, new((byte)(20 * i), (byte)(255 - 9 * i), 77)));
        var folder = Written.OnDisk(files);
        var read = new ImageFolderOptions { Path = folder, Size = 4, Channels = 1, Test = 3, Validation = 2 }.Read();
        var normal = read.Constants(new(255, [0], [1]));                     // numbers from 0 to 1
        var (trained, asked) = (new float[16], new float[16]);
        var names = files.Keys.Order(StringComparer.Ordinal).ToList();
        for (var row = 0; row < names.Count; row++)
        {
            read.Fill(row, normal, trained);
            ImageLoader.Read(files[names[row]], names[row], new(1, 4, 4), asked);
            Assert.Equal(trained, asked);
        }
    }

    [Fact] // 9 million pixels to 8 × 8: one column of numbers for each of the 8, 3,000 high; a copy as numbers would take 72 MB
    public void A_large_picture_is_made_small_without_a_copy_of_it()
    {
        var picture = new Image(new(1, 3000, 3000), [.. Enumerable.Range(0, 9_000_000).Select(i => (byte)(i / 3000 < 1500 ? 0 : 200))]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var small = picture.CropAndResize(8);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        Assert.Equal(Enumerable.Repeat((byte)0, 24), small.Pixels[..24]);
        Assert.Equal(Enumerable.Repeat((byte)200, 24), small.Pixels[40..]);
    }

    [Fact]
    public void What_cannot_be_brought_to_the_students_size_is_refused()
    {
        var picture = Written.Picture(4, 6, SKColors.Red);
        Assert.Equal("p.png is 4 × 6; the student wants 2 × 3, and only squares are resized.", Refusal(picture, new(1, 2, 3), 100));
        Assert.Equal("p.png is 4 × 6; 20 pixels at most are decoded.", Refusal(picture, new(1, 2, 2), 20));
        Assert.Equal("p.png is a picture of 3 channels; the student wants 2, and only 1 and 3 become each other.", Refusal(picture, new(2, 2, 2), 100));
        Assert.StartsWith("p.png is not a PNG or JPEG picture", Refusal([1, 2, 3], new(1, 2, 2), 100), StringComparison.Ordinal);

        static string Refusal(byte[] content, ImageSize canvas, int most) =>
            Assert.Throws<InvalidDataException>(() => ImageLoader.Read(content, "p.png", canvas, new float[canvas.Count], most)).Message;
    }
}
