using System.Buffers.Binary;
using Retort.Data.Images;
using Retort.Runtime.Features;

namespace Retort.Data;

/// <summary>
/// Options of the IDX format of MNIST and its successors: a folder with the four files
/// <c>train-images-idx3-ubyte</c>, <c>train-labels-idx1-ubyte</c>, <c>t10k-images-idx3-ubyte</c> and
/// <c>t10k-labels-idx1-ubyte</c>, each plain or with <c>.gz</c>. Class names come from <c>classes.txt</c>, one per
/// line, if it exists.
/// </summary>
public sealed record IdxOptions : NumericDataOptions
{
    protected internal override Examples Read() => new Idx(Path, new(MemoryLimit)).Read();
}

/// <summary>Reads a folder of IDX files. Sizes in headers are checked against the memory limit first.</summary>
sealed class Idx(string folder, MemoryLimit budget)
{
    const int ImagesMagic = 0x803;
    const int LabelsMagic = 0x801;

    public Examples Read()
    {
        DataPath.MustExist(folder);
        var (size, training) = ReadFile("train-images-idx3-ubyte", null);
        var (_, test) = ReadFile("t10k-images-idx3-ubyte", size);
        var names = ClassNames.ReadFile(folder, "classes.txt");
        var labels = ReadLabels("train-labels-idx1-ubyte", training.Count);
        var first = FirstClass(labels, names?.Count);
        var classes = names?.Count ?? labels.Max() + 1 - first;
        CheckRange(labels, "train-labels-idx1-ubyte", first, classes);
        for (var k = first; k < first + classes; k++)
            if (!labels.Contains((byte)k))
                throw new InvalidDataException(
                    Invariant($"{PathOf("train-labels-idx1-ubyte")} has no example of class {k}; ")
                    + Invariant($"each of the {classes} classes must have one."));

        var testLabels = ReadLabels("t10k-labels-idx1-ubyte", test.Count);
        CheckRange(testLabels, "t10k-labels-idx1-ubyte", first, classes);
        return new ImageExamples(size, [.. training, .. test])
        {
            Name = DataPath.NameOf(folder),
            Classes = names ?? ClassNames.Numbered(first, classes),
            Labels = [.. labels.Concat(testLabels).Select(label => label - first)],
            OwnTest = test.Count,
        };
    }

    (ImageSize Size, List<byte[]> Images) ReadFile(string name, ImageSize? expected)
    {
        var path = PathOf(name);
        var size = default(ImageSize);
        List<byte[]> images = [.. ReadImages(path, Accept)];
        return (size, images);

        void Accept(ImageSize found, int count)
        {
            if (expected is { } due && (due.Height, due.Width) != (found.Height, found.Width))
                throw new InvalidDataException(
                    Invariant($"{path} has images of {found.Height} × {found.Width}; ")
                    + Invariant($"the training images have {due.Height} × {due.Width}."));
            budget.Reserve(count * ((long)found.Area + MemoryLimit.ItemBytes), path);
            size = found;
        }
    }

    /// <summary>
    /// Reads the images of one file one by one. First <paramref name="accept"/> gets their size and number, and may
    /// throw.
    /// </summary>
    public static IEnumerable<byte[]> ReadImages(string path, Action<ImageSize, int> accept)
    {
        using var stream = Open(path);
        var (size, count) = ReadImageHeader(stream, path);
        accept(size, count);
        for (var i = 0; i < count; i++)
        {
            var image = new byte[size.Area];
            Fill(image, stream, path, Invariant($"image {i + 1} of {count}"));
            yield return image;
        }
        CheckEnd(stream, path);
    }

    /// <summary>Whether a file, plain or packed, begins like one of images.</summary>
    public static bool HasImages(string path)
    {
        if (IsPacked(path) && !IsGzip(path)) return false;

        using var stream = Open(path);
        Span<byte> magic = stackalloc byte[4];
        try
        {
            var count = stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
            return count == magic.Length && Int32At(magic, 0) == ImagesMagic;
        }
        catch (InvalidDataException)                                       // damaged gzip
        {
            return false;
        }
    }

    static (ImageSize Size, int Count) ReadImageHeader(Stream stream, string path)
    {
        Span<byte> header = stackalloc byte[16];
        Fill(header, stream, path, "its header");
        var count = CountIn(header, ImagesMagic, path);
        var (height, width) = (Int32At(header, 8), Int32At(header, 12));
        if (height is < 1 or > 65535 || width is < 1 or > 65535)
            throw new InvalidDataException(Invariant(
                $"{path} must have images with sides from 1 to 65535; its header states {height} × {width}."));
        if ((long)height * width > Array.MaxLength)
            throw new InvalidDataException(Invariant(
                $"{path} must have images of at most {Array.MaxLength} pixels; its header states {height} × {width}."));
        return (new(1, height, width), count);
    }

    // 1 where no label is 0 and each from 1 to the largest is there, as in EMNIST's letters
    static int FirstClass(byte[] labels, int? names)
    {
        var largest = labels.Max();
        var hasAll = !labels.Contains((byte)0) && labels.Distinct().Count() == largest;
        return hasAll && (names ?? largest) == largest ? 1 : 0;
    }

    byte[] ReadLabels(string name, int images)
    {
        var path = PathOf(name);
        using var stream = Open(path);
        Span<byte> header = stackalloc byte[8];
        Fill(header, stream, path, "its header");
        var count = CountIn(header, LabelsMagic, path);
        if (count != images)
            throw new InvalidDataException(Invariant($"{path} must have {images} labels; it has {count}."));

        var labels = new byte[count];
        Fill(labels, stream, path, "its labels");
        CheckEnd(stream, path);
        return labels;
    }

    void CheckRange(byte[] labels, string name, int first, int classes)
    {
        for (var i = 0; i < labels.Length; i++)
            if (labels[i] < first || labels[i] >= first + classes)
                throw new InvalidDataException(Invariant($"{PathOf(name)}, label {i + 1}: ")
                    + Invariant($"the class must be from {first} to {first + classes - 1}; it is {labels[i]}."));
    }

    string PathOf(string name)
    {
        var path = Path.Combine(folder, name);
        if (!File.Exists(path + ".gz")) return path;

        return !File.Exists(path) ? path + ".gz" : throw new InvalidDataException(
            $"{folder} must have {name} or {name}.gz; it has both.");
    }

    static bool IsPacked(string path) => path.EndsWith(".gz", StringComparison.Ordinal);

    static bool IsGzip(string path)
    {
        using var file = InputFile.Open(path);
        return Gzip.Is(file);
    }

    static Stream Open(string path)
    {
        DataPath.FileMustExist(path);
        var file = InputFile.Open(path, bufferSize: 1 << 16);
        return IsPacked(path) ? new BufferedStream(Gzip.Open(file, path), 1 << 16) : file;
    }

    static int CountIn(ReadOnlySpan<byte> header, int magic, string path)
    {
        if (Int32At(header, 0) != magic)
            throw new InvalidDataException(Invariant(
                $"{path} is not IDX: its first four bytes must be {magic:x8}; they are {Int32At(header, 0):x8}."));
        var count = Int32At(header, 4);
        return count > 0 ? count : throw new InvalidDataException(
            Invariant($"{path} must hold at least 1 example; its header states {count}."));
    }

    static void Fill(Span<byte> target, Stream stream, string path, string what)
    {
        var count = Unpack(target, stream, path, $"in {what}");
        if (count < target.Length) throw new InvalidDataException(
            Invariant($"{path} ends in {what}: it must have {target.Length} bytes and has {count}."));
    }

    static void CheckEnd(Stream stream, string path)
    {
        Span<byte> more = stackalloc byte[1];
        if (Unpack(more, stream, path, "at its end") > 0)
            throw new InvalidDataException($"{path} must end after the last example; it goes on.");
    }

    // how many bytes there were
    static int Unpack(Span<byte> target, Stream stream, string path, string where)
    {
        try
        {
            return stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{path} cannot be unpacked {where}: {error.Message}.", error);
        }
    }

    static int Int32At(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadInt32BigEndian(bytes[offset..]);
}
