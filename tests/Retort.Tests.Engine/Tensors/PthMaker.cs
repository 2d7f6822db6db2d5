using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Retort.Tests.Contract;

namespace Retort.Tests.Tensors;

/// <summary>Makes state files instruction by instruction, and damages them.</summary>
static class PthMaker
{
    /// <summary>A pickled dict of these items.</summary>
    public static byte[] Dict(byte[] items) => [0x80, 2, (byte)'}', .. items, (byte)'.'];

    /// <summary>An item of a dict: the name w and the key, and a view of a storage of float32.</summary>
    public static byte[] View(string key, int count, int offset, int size, int stride) =>
    [
        .. "X\u0002\0\0\0w"u8, (byte)key[0], .. Global("torch._utils", "_rebuild_tensor_v2"), (byte)'(',
        .. Storage(key, count), .. Integer(offset), (byte)'(', .. Integer(size), .. "t("u8, .. Integer(stride),
        (byte)'t', 0x89, .. "}tRs"u8,
    ];

    /// <summary>A storage of float32, as a persistent id.</summary>
    public static byte[] Storage(string key, int count) =>
    [
        .. "(X\u0007\0\0\0storage"u8, .. Global("torch", "FloatStorage"), .. "X\u0001\0\0\0"u8, (byte)key[0],
        .. "X\u0003\0\0\0cpu"u8, .. Integer(count), .. "tQ"u8,
    ];

    public static byte[] Global(string module, string name) => Encoding.ASCII.GetBytes($"c{module}\n{name}\n");

    static byte[] Integer(int value) => [(byte)'J', .. Int32(value)];

    public static byte[] Int32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    public static byte[] Repeat(ReadOnlySpan<byte> piece, int times)
    {
        var bytes = new byte[piece.Length * times];
        for (var i = 0; i < times; i++) piece.CopyTo(bytes.AsSpan(i * piece.Length));
        return bytes;
    }

    /// <summary>Writes a zip file of uncompressed entries, and returns its path.</summary>
    public static string Zip(params (string Name, byte[] Content)[] entries)
    {
        var path = Path.Combine(Few.Folder(), "made.pth");
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        foreach (var (name, content) in entries)
        {
            using var stream = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
            stream.Write(content);
        }
        return path;
    }

    /// <summary>Writes a zip file of one compressed entry, and returns its path.</summary>
    public static string CompressedZip(string name, byte[] content)
    {
        var path = Path.Combine(Few.Folder(), "bomb.pth");
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        using var stream = zip.CreateEntry(name, CompressionLevel.SmallestSize).Open();
        stream.Write(content);
        return path;
    }

    /// <summary>
    /// Cuts the file, removes bytes, or changes bytes and 32-bit numbers such as lengths and offsets.
    /// </summary>
    public static byte[] Damage(byte[] whole, Random random)
    {
        if (random.Next(8) == 0) return whole[..random.Next(whole.Length)];
        if (random.Next(8) == 0)
        {
            var start = random.Next(whole.Length);
            return [.. whole[..start], .. whole[Math.Min(start + random.Next(1, 40), whole.Length)..]];
        }

        var bytes = whole.ToArray();
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var at = random.Next(bytes.Length - 8);
            if (random.Next(2) == 0)
            {
                bytes[at] = (byte)random.Next(256);
                continue;
            }
            var number = random.Next(4) switch { 0 => -1, 1 => int.MaxValue, 2 => 0, _ => random.Next(70_000) };
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), number);
        }
        return bytes;
    }
}
