using System.Buffers.Binary;
using System.IO.Compression;

namespace Retort.Fire.Damage;

/// <summary>
/// Damage to a zip file: its parts and their names, written again with their checksums; its directory's numbers.
/// </summary>
static class ZipDamage
{
    /// <param name="whole">The file.</param>
    /// <param name="random">Decides.</param>
    /// <param name="inside">How a part's content is changed.</param>
    public static byte[] Change(byte[] whole, Random random, Func<string, byte[], Random, byte[]> inside)
    {
        if (random.Next(3) == 0) return Numbers(whole, random);
        var parts = new List<(string Name, byte[] Content)>();
        using (var zip = new ZipArchive(new MemoryStream(whole)))
            foreach (var entry in zip.Entries)
            {
                using var stream = entry.Open();
                using var content = new MemoryStream();
                stream.CopyTo(content);
                parts.Add((entry.FullName, content.ToArray()));
            }
        var at = random.Next(3) > 0
            && parts.FindIndex(part => part.Name.EndsWith(".pkl", StringComparison.Ordinal)) is >= 0 and var pickle
                ? pickle
                : random.Next(parts.Count);
        switch (random.Next(5))
        {
            case 0: random.Shuffled(parts); break;
            case 1:
                parts[at] = (random.Next(2) == 0 ? random.Of(parts).Name : parts[at].Name + "x", parts[at].Content);
                break;
            default: parts[at] = (parts[at].Name, inside(parts[at].Name, parts[at].Content, random)); break;
        }
        return Written(parts, random.Next(12) == 0 ? CompressionLevel.Fastest : CompressionLevel.NoCompression);
    }

    public static byte[] Written(
        IEnumerable<(string Name, byte[] Content)> parts, CompressionLevel level = CompressionLevel.NoCompression)
    {
        using var made = new MemoryStream();
        using (var zip = new ZipArchive(made, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, content) in parts)
            {
                using var stream = zip.CreateEntry(name, level).Open();
                stream.Write(content);
            }
        return made.ToArray();
    }

    // a field of the directory, of its end, or of a part's own header
    static byte[] Numbers(byte[] whole, Random random)
    {
        var made = whole.ToArray();
        int[] fields = [8, 10, 12, 16, 20, 24, 28, 30, 32, 42];
        byte[][] signs =
        [
            "PK\u0001\u0002"u8.ToArray(), "PK\u0003\u0004"u8.ToArray(), "PK\u0005\u0006"u8.ToArray(),
            "PK\u0006\u0006"u8.ToArray(), "PK\u0006\u0007"u8.ToArray(),
        ];
        var places = signs.SelectMany(sign => Places(made, sign)).ToList();
        for (var i = random.Next(1, 4); i > 0 && places.Count > 0; i--)
        {
            var at = random.Of(places) + random.Of(fields);
            if (at + 8 > made.Length) continue;
            var value = OddValues.Number(random, BinaryPrimitives.ReadUInt32LittleEndian(made.AsSpan(at)));
            if (random.Next(2) == 0) BinaryPrimitives.WriteInt32LittleEndian(made.AsSpan(at), unchecked((int)value));
            else BinaryPrimitives.WriteInt16LittleEndian(made.AsSpan(at), unchecked((short)value));
        }
        return made;
    }

    static IEnumerable<int> Places(byte[] bytes, byte[] sign)
    {
        for (var at = 0; bytes.AsSpan(at).IndexOf(sign) is >= 0 and var found; at += found + 4) yield return at + found;
    }
}
