using System.IO.Compression;
using System.Text;
using ZstdSharp;

namespace Retort.Fire.Damage;

/// <summary>
/// Damage to a tar archive: a header's fields with the checksum put right, blocks moved about;
/// packed again where it was packed.
/// </summary>
static class TarDamage
{
    // place and length of name, mode, owner, group, size, time, kind, link, magic, prefix
    static readonly (int At, int Length)[] Fields =
    [
        (0, 100), (100, 8), (108, 8), (116, 8), (124, 12), (136, 12), (156, 1), (157, 100), (257, 8), (345, 155),
    ];

    public static byte[] Change(byte[] whole, Random random)
    {
        var blocks = whole.Chunk(512).ToList();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var heads = Enumerable.Range(0, blocks.Count)
                .Where(block => blocks[block].AsSpan().IndexOf("ustar"u8) == 257)
                .ToList();
            if (random.Next(5) == 0 || heads.Count == 0) random.Shuffled(blocks);
            else if (random.Of(heads) is var at) blocks[at] = Header(blocks[at], random);
        }
        return [.. blocks.SelectMany(block => block)];
    }

    static byte[] Header(byte[] block, Random random)
    {
        var made = block.ToArray();
        var (at, length) = random.Next(2) == 0 ? Fields[4] : random.Of(Fields);
        var field = made.AsSpan(at, length);
        switch (random.Next(5))
        {
            case 0 when length == 1: field[0] = (byte)random.Of("012345678xgLKSDMNV\0A".ToCharArray()); break;
            case 0: field.Fill((byte)'7'); break;
            // a number of base 256
            case 1:
                field.Clear();
                field[0] = 0x80;
                field[^1] = (byte)random.Next(256);
                if (length > 8) field[random.Next(1, length)] = 255;
                break;
            case 2:
                var size = random.Next(2) == 0 ? random.Next(100_000) : random.NextInt64(1L << 33);
                Encoding.ASCII.GetBytes(Convert.ToString(size, 8)).AsSpan().CopyTo(Cleared(field, 11));
                break;
            case 3: var odd = OddValues.Bytes(random); odd.AsSpan(0, Math.Min(odd.Length, length)).CopyTo(field); break;
            default: field[random.Next(length)] = (byte)random.Next(256); break;
        }
        made.AsSpan(148, 8).Fill((byte)' ');
        var sum = made.Sum(one => one);
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(made, 148);
        return made;
    }

    // room enough for the digits, also where the field is short
    static Span<byte> Cleared(Span<byte> field, int room)
    {
        field.Clear();
        return field.Length >= room ? field : new byte[32];
    }

    public static byte[] Gzip(byte[] plain)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) stream.Write(plain);
        return packed.ToArray();
    }

    public static byte[] Gunzip(byte[] packed)
    {
        using var plain = new MemoryStream();
        using (var stream = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress)) stream.CopyTo(plain);
        return plain.ToArray();
    }

    public static byte[] Zstandard(byte[] plain, int level = 1)
    {
        using var packed = new MemoryStream();
        using (var stream = new CompressionStream(packed, level, leaveOpen: true)) stream.Write(plain);
        return packed.ToArray();
    }

    public static byte[] Unzstandard(byte[] packed)
    {
        using var plain = new MemoryStream();
        using (var stream = new DecompressionStream(new MemoryStream(packed))) stream.CopyTo(plain);
        return plain.ToArray();
    }

    /// <summary>
    /// A frame's own header: what it says of window, size and checksum. A packed file may also be several.
    /// </summary>
    public static byte[] Frame(byte[] packed, Random random)
    {
        var made = packed.ToArray();
        if (random.Next(4) == 0)
            return
            [
                .. packed,
                .. random.Next(2) == 0
                    ? packed
                    : [0x50, 0x2a, 0x4d, 0x18, .. BitConverter.GetBytes(unchecked((int)OddValues.Number(random, 4)))],
            ];
        made[4 + random.Next(Math.Min(10, made.Length - 4))] = (byte)(random.Next(2) == 0 ? random.Next(256) : 0xff);
        return made;
    }
}
