using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Retort.Fire.Damage;

/// <summary>Damage to PNG, chunk by chunk with their CRCs put right, and to JPEG, segment by segment.</summary>
static class PictureDamage
{
    static readonly string[] Kinds =
    [
        "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "iCCP", "sRGB", "tEXt", "zTXt", "iTXt", "acTL", "fcTL",
        "fdAT", "eXIf", "sBIT", "bKGD", "ABCD",
    ];

    public static byte[] Png(byte[] whole, Random random)
    {
        var chunks = new List<(string Kind, byte[] Data)>();
        for (var at = 8; at < whole.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(whole.AsSpan(at));
            chunks.Add((Encoding.ASCII.GetString(whole, at + 4, 4), whole[(at + 8)..(at + 8 + length)]));
            at += 12 + length;
        }
        for (var i = random.Next(1, 4); i > 0; i--) Once(chunks, random);
        return [.. whole.AsSpan(0, 8), .. chunks.SelectMany(chunk => Written(chunk.Kind, chunk.Data))];
    }

    static void Once(List<(string Kind, byte[] Data)> chunks, Random random)
    {
        if (chunks.Count == 0) return;
        var at = random.Next(chunks.Count);
        var (kind, data) = chunks[at];
        switch (random.Next(6))
        {
            case 0: random.Shuffled(chunks); break;
            case 1: chunks[at] = (random.Of(Kinds), data); break;
            case 2: chunks.Insert(random.Next(chunks.Count + 1), (random.Of(Kinds), OddValues.Bytes(random))); break;
            case 3 when data.Length > 0: chunks[at] = (kind, ByteDamage.Change(data, random)); break;
            default:
                var head = chunks.FindIndex(chunk => chunk.Kind == "IHDR" && chunk.Data.Length >= 13);
                if (random.Next(2) == 0 && head >= 0) chunks[head] = ("IHDR", Header(chunks[head].Data, random));
                else if (chunks.FindIndex(chunk => chunk.Kind == "IDAT") is >= 0 and var pixels)
                    chunks[pixels] = ("IDAT", Repacked(chunks[pixels].Data, random));
                break;
        }
    }

    static byte[] Header(byte[] data, Random random)
    {
        var made = data.ToArray();
        switch (random.Next(3))
        {
            case 0:
                BinaryPrimitives.WriteInt32BigEndian(
                    made.AsSpan(4 * random.Next(2)), unchecked((int)OddValues.Number(random, 24)));
                break;
            case 1: made[8 + random.Next(5)] = (byte)random.Next(0, 20); break;
            default: BinaryPrimitives.WriteInt32BigEndian(made.AsSpan(4 * random.Next(2)), random.Next(1, 400)); break;
        }
        return made;
    }

    // filters and pixels changed under sound compression; more or fewer of them than the header says
    static byte[] Repacked(byte[] data, Random random)
    {
        try
        {
            using var plain = new MemoryStream();
            using (var unpacking = new ZLibStream(new MemoryStream(data), CompressionMode.Decompress))
                unpacking.CopyTo(plain);
            using var packed = new MemoryStream();
            using (var packing = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                packing.Write(ByteDamage.Change(plain.ToArray(), random));
            return packed.ToArray();
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            return ByteDamage.Change([.. data, 0], random);                     // another change has been here before
        }
    }

    static byte[] Written(string kind, byte[] data)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(kind), .. data];
        var made = new byte[body.Length + 8];
        BinaryPrimitives.WriteInt32BigEndian(made, data.Length);
        body.CopyTo(made, 4);
        BinaryPrimitives.WriteUInt32BigEndian(made.AsSpan(4 + body.Length), Crc(body));
        return made;
    }

    // CRC-32 as PNG has it (ISO 3309)
    static uint Crc(byte[] bytes)
    {
        var sum = uint.MaxValue;
        foreach (var one in bytes)
        {
            sum ^= one;
            for (var bit = 0; bit < 8; bit++) sum = (sum & 1) == 0 ? sum >> 1 : sum >> 1 ^ 0xedb88320;
        }
        return ~sum;
    }

    public static byte[] Jpeg(byte[] whole, Random random)
    {
        var (segments, at) = (new List<(byte Marker, byte[] Data)>(), 2);
        for (; at + 4 <= whole.Length && whole[at] == 0xff && whole[at + 1] != 0xda;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(whole.AsSpan(at + 2));
            segments.Add((whole[at + 1], whole[(at + 4)..(at + 2 + length)]));
            at += 2 + length;
        }
        var rest = whole[at..];
        for (var i = random.Next(1, 4); i > 0; i--) rest = Once(segments, rest, random);
        return
        [
            0xff, 0xd8,
            .. segments.SelectMany(one => (byte[])
            [
                0xff, one.Marker, (byte)((one.Data.Length + 2) >> 8), (byte)(one.Data.Length + 2), .. one.Data,
            ]),
            .. rest,
        ];
    }

    static byte[] Once(List<(byte Marker, byte[] Data)> segments, byte[] rest, Random random)
    {
        byte[] markers =
        [
            0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc9, 0xca, 0xcc, 0xdb, 0xdd, 0xe0, 0xe1, 0xe2, 0xee, 0xfe, 0xd0, 0xd9, 0xdc,
            0xf7,
        ];
        if (segments.Count == 0) return rest;
        var at = random.Next(segments.Count);
        var (marker, data) = segments[at];
        switch (random.Next(6))
        {
            case 0: random.Shuffled(segments); break;
            case 1: segments[at] = (random.Of(markers), data); break;
            case 2:
                segments.Insert(
                    at,
                    (random.Of(markers), random.Next(3) == 0 ? [0, (byte)random.Next(5)] : OddValues.Bytes(random)));
                break;
            case 3: return ByteDamage.Change(rest, random);
            case 4
                when segments.FindIndex(one => one.Marker is >= 0xc0 and <= 0xc2 && one.Data.Length > 8) is >= 0
                    and var frame:
                var made = segments[frame].Data.ToArray(); // depth, height, width, components, their sampling
                if (random.Next(2) == 0)
                    BinaryPrimitives.WriteUInt16BigEndian(
                        made.AsSpan(1 + 2 * random.Next(2)),
                        random.Next(3) == 0 ? ushort.MaxValue : (ushort)random.Next(400));
                else
                    made[random.Next(2) == 0 ? 0 : 5 + random.Next(made.Length - 5)] = (byte)random.Next(0, 70);
                segments[frame] = (segments[frame].Marker, made);
                break;
            default: if (data.Length > 0) segments[at] = (marker, ByteDamage.Change(data, random)); break;
        }
        return rest;
    }
}
