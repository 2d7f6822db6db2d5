using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using Retort.Tests.House;
using SkiaSharp;
using ZstdSharp;

namespace Retort.Tests.Data;

/// <summary>Writes small files of each format for one test.</summary>
static class DataFiles
{
    /// <summary>The repository's folder of a shipped dataset.</summary>
    public static string Shipped(string name) => Repository.At($"data/{name}");

    public static byte[] IdxImages(int count, int height, int width, Func<int, byte> value)
    {
        var bytes = new byte[16 + count * height * width];
        Words(bytes, 0x803, count, height, width);
        for (var i = 16; i < bytes.Length; i++) bytes[i] = value(i - 16);
        return bytes;
    }

    public static byte[] IdxLabels(params byte[] labels)
    {
        var bytes = new byte[8 + labels.Length];
        Words(bytes, 0x801, labels.Length);
        labels.CopyTo(bytes, 8);
        return bytes;
    }

    /// <summary>Ten training and four test images of 2 × 3 in two classes; pixel p of image i is 6 i + p.</summary>
    public static string Idx(bool zipped = false, params (string Name, byte[] Content)[] other)
    {
        var folder = Directory.CreateTempSubdirectory("retort-idx-").FullName;
        var files = new Dictionary<string, byte[]>
        {
            ["train-images-idx3-ubyte"] = IdxImages(10, 2, 3, i => (byte)i),
            ["train-labels-idx1-ubyte"] = IdxLabels(0, 1, 0, 1, 0, 1, 0, 1, 0, 1),
            ["t10k-images-idx3-ubyte"] = IdxImages(4, 2, 3, i => (byte)(100 + i)),
            ["t10k-labels-idx1-ubyte"] = IdxLabels(1, 1, 0, 0),
        };
        foreach (var (name, content) in other) files[name] = content;
        foreach (var (name, content) in files)
            File.WriteAllBytes(Path.Combine(folder, name + (zipped ? ".gz" : "")), zipped ? Zipped(content) : content);
        return folder;
    }

    /// <summary>An image of one color, or of one grey, as PNG, JPEG, WebP or BMP.</summary>
    public static byte[] Picture(int height, int width, SKColor color, bool jpeg = false, bool grey = false)
    {
        var type = grey ? SKColorType.Gray8 : SKColorType.Rgba8888;
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, type, SKAlphaType.Opaque));
        if (grey) bitmap.GetPixelSpan().Fill(color.Red);
        else bitmap.Erase(color);
        using var encoded = bitmap.Encode(jpeg ? SKEncodedImageFormat.Jpeg : SKEncodedImageFormat.Png, 100);
        return encoded.ToArray();
    }

    /// <summary>Two classes of three training images and one test image each, 4 × 6; cats are red, dogs blue.</summary>
    public static Dictionary<string, byte[]> Pets()
    {
        var files = new Dictionary<string, byte[]>();
        foreach (var (name, color) in new[] { ("dog", SKColors.Blue), ("cat", SKColors.Red) })
        {
            for (var i = 1; i <= 3; i++)
            {
                var isJpeg = i == 2;
                files[$"train/{name}/{i}.{(isJpeg ? "jpg" : "png")}"] = Picture(4, 6, color, isJpeg);
            }
            files[$"test/{name}/1.png"] = Picture(4, 6, color);
        }
        return files;
    }

    public static string OnDisk(IReadOnlyDictionary<string, byte[]> files)
    {
        var folder = Directory.CreateTempSubdirectory("retort-tree-").FullName;
        foreach (var (name, content) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, name))!);
            File.WriteAllBytes(Path.Combine(folder, name), content);
        }
        return folder;
    }

    /// <summary>The files in an archive; the ending says how it is compressed.</summary>
    public static string Archive(IReadOnlyDictionary<string, byte[]> files, string ending, string top = "")
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("retort-tar-").FullName, "set" + ending);
        using var file = File.Create(path);
        using Stream packed = ending switch
        {
            ".tar.gz" => new GZipStream(file, CompressionLevel.Fastest),
            ".tar.zst" => new CompressionStream(file, 1),
            _ => file,
        };
        using var tar = new TarWriter(packed, TarEntryFormat.Pax);
        foreach (var (name, content) in files)
        {
            using var stream = new MemoryStream(content);
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, top + name) { DataStream = stream });
        }
        return path;
    }

    /// <summary>Records of the CIFAR formats: label bytes, then 3072 times the record's index.</summary>
    public static byte[] Cifar(int count, params byte[] labels) => [.. Enumerable.Range(0, count).SelectMany(i =>
        labels[..^1].Append((byte)(labels[^1] + i)).Concat(Enumerable.Repeat((byte)i, 3072)))];

    public static byte[] Zipped(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest)) zip.Write(content);
        return packed.ToArray();
    }

    static void Words(byte[] into, params int[] words)
    {
        for (var i = 0; i < words.Length; i++) BinaryPrimitives.WriteInt32BigEndian(into.AsSpan(i * 4), words[i]);
    }
}
