using System.Buffers.Binary;
using System.IO.Compression;
using Retort.Data.Images;
using Retort.Runtime.Features;
using static System.FormattableString;

namespace Retort.Data;

/// <summary>
/// Options of the IDX format of MNIST and its successors: a folder with the four files
/// <c>train-images-idx3-ubyte</c>, <c>train-labels-idx1-ubyte</c>, <c>t10k-images-idx3-ubyte</c>,
/// <c>t10k-labels-idx1-ubyte</c>, each as it is or with <c>.gz</c>; a <c>classes.txt</c> with one name a line is read too.
/// </summary>
public sealed record IdxOptions : FileDataOptions
{
    protected internal override Examples Read() => new Idx(Path, new(MemoryLimit)).Read();
}

/// <summary>Reads a folder of IDX files. Sizes are taken from the headers and held against the budget before anything is allocated.</summary>
sealed class Idx(string folder, MemoryLimit budget)
{
    const int Pictures = 0x803, Numbers = 0x801;

    public Examples Read()
    {
        Folder.MustExist(folder);
        var (canvas, training) = ImageExamples("train-images-idx3-ubyte", null);
        var (_, test) = ImageExamples("t10k-images-idx3-ubyte", canvas);
        var names = ClassNames.In(folder, "classes.txt");
        var labels = Labels("train-labels-idx1-ubyte", training.Count, names?.Count);
        var count = names?.Count ?? labels.Max() + 1;
        for (var k = 0; k < count; k++)
            if (!labels.Contains((byte)k))
                throw new InvalidDataException(
                    Invariant($"{At("train-labels-idx1-ubyte")} has no example of class {k}; each of the {count} classes must have one."));
        return new ImageExamples(canvas, [.. training, .. test])
        {
            Name = Folder.NameOf(folder),
            Classes = names ?? ClassNames.Numbers(count),
            Labels = [.. labels.Concat(Labels("t10k-labels-idx1-ubyte", test.Count, count)).Select(label => (int)label)],
            OwnTest = test.Count,
        };
    }

    (ImageSize, List<byte[]>) ImageExamples(string name, ImageSize? expected)
    {
        var (path, canvas) = (At(name), default(ImageSize));
        List<byte[]> pictures = [.. Each(path, (found, count) =>
        {
            if (expected is { } size && (size.Height, size.Width) != (found.Height, found.Width))
                throw new InvalidDataException(
                    Invariant($"{path} has pictures of {found.Height} × {found.Width}; those of the training part are {size.Height} × {size.Width}."));
            budget.Spend((long)count * found.Area, path);
            canvas = found;
        })];
        return (canvas, pictures);
    }

    /// <summary>
    /// The pictures of one file, one after another; <paramref name="accept"/> may refuse their size and number first.
    /// </summary>
    public static IEnumerable<byte[]> Each(string path, Action<ImageSize, int> accept)
    {
        using var stream = Opened(path);
        var (canvas, count) = Promised(stream, path);
        accept(canvas, count);
        for (var i = 0; i < count; i++)
        {
            var picture = new byte[canvas.Area];
            Fully(stream, picture, path, Invariant($"picture {i + 1} of {count}"));
            yield return picture;
        }
        Ends(stream, path);
    }

    /// <summary>Whether a file, perhaps packed, begins as one of pictures does.</summary>
    public static bool HasPictures(string path)
    {
        using var stream = Opened(path);
        Span<byte> magic = stackalloc byte[4];
        try
        {
            return stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && Word(magic, 0) == Pictures;
        }
        catch (InvalidDataException)
        {
            return false;                                 // named .gz, and is none
        }
    }

    static (ImageSize, int) Promised(Stream stream, string path)
    {
        Span<byte> header = stackalloc byte[16];
        Fully(stream, header, path, "its header");
        var (count, height, width) = (Header(header, Pictures, path), Word(header, 8), Word(header, 12));
        if (height is < 1 or > 65535 || width is < 1 or > 65535)
            throw new InvalidDataException(
                Invariant($"{path} says its pictures are {height} × {width}; each side must be from 1 to 65535."));
        if ((long)height * width > Array.MaxLength)
            throw new InvalidDataException(Invariant($"{path} says its pictures are {height} × {width}; that is more than one can be."));
        return (new(1, height, width), count);
    }

    byte[] Labels(string name, int pictures, int? classes)
    {
        var path = At(name);
        using var stream = Opened(path);
        Span<byte> header = stackalloc byte[8];
        Fully(stream, header, path, "its header");
        var count = Header(header, Numbers, path);
        if (count != pictures)
            throw new InvalidDataException(Invariant($"{path} has {count} labels for {pictures} pictures."));
        var labels = new byte[count];
        Fully(stream, labels, path, "its labels");
        Ends(stream, path);
        for (var i = 0; i < count; i++)
            if (labels[i] >= classes)
                throw new InvalidDataException(
                    Invariant($"{path}, label {i + 1}: classes go from 0 to {classes - 1}; it is {labels[i]}."));
        return labels;
    }

    string At(string name)
    {
        var path = Path.Combine(folder, name);
        return !File.Exists(path) && File.Exists(path + ".gz") ? path + ".gz" : path;
    }

    static Stream Opened(string path)
    {
        Folder.FileMustExist(path);
        Stream file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        return path.EndsWith(".gz", StringComparison.Ordinal)
            ? new BufferedStream(new GZipStream(file, CompressionMode.Decompress), 1 << 16) : file;
    }

    static int Header(ReadOnlySpan<byte> header, int magic, string path)
    {
        if (Word(header, 0) != magic)
            throw new InvalidDataException(
                Invariant($"{path} is not IDX: the first four bytes must be {magic:x8}; they are {Word(header, 0):x8}."));
        var count = Word(header, 4);
        return count > 0 ? count
            : throw new InvalidDataException(Invariant($"{path} must hold at least 1 example; its header says {count}."));
    }

    static void Fully(Stream stream, Span<byte> into, string path, string what)
    {
        try
        {
            var got = stream.ReadAtLeast(into, into.Length, throwOnEndOfStream: false);
            if (got < into.Length)
                throw new InvalidDataException(
                    Invariant($"{path} ends in {what}: {into.Length} bytes were due, {got} came."));
        }
        catch (InvalidDataException error) when (!error.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path} is not sound gzip, seen in {what}: {error.Message}", error);
        }
    }

    static void Ends(Stream stream, string path)
    {
        Span<byte> more = stackalloc byte[1];
        try
        {
            if (stream.Read(more) > 0)
                throw new InvalidDataException($"{path} goes on after the last example that its header promises.");
        }
        catch (InvalidDataException error) when (!error.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path} is not sound gzip, seen at its end: {error.Message}", error);
        }
    }

    static int Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt32BigEndian(bytes[at..]);
}
