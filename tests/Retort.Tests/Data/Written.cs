using System.Buffers.Binary;
using System.IO.Compression;

namespace Retort.Tests.Data;

/// <summary>Small files of each format, written for one test.</summary>
static class Written
{
    /// <summary>The repository's own folder of shipped data.</summary>
    public static string Shipped(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Retort.slnx"))) folder = folder.Parent!;
        return Path.Combine(folder.FullName, "data", name);
    }

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

    /// <summary>Ten training and four test pictures of 2 × 3 in two classes; pixel p of picture i is 6 i + p.</summary>
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
