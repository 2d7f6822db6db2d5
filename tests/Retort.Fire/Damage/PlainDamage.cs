using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Retort.Teachers.Cache;

namespace Retort.Fire.Damage;

/// <summary>Damage to the plainer formats: IDX, CIFAR's records, tables, safetensors, shards of a cache.</summary>
static class PlainDamage
{
    public static byte[] Idx(byte[] whole, Random random)
    {
        var made = whole.ToArray();
        var header = made[3] == 3 ? 16 : 8;
        for (var i = random.Next(1, 4); i > 0; i--)
            if (random.Next(3) == 0) made[header + random.Next(made.Length - header)] = (byte)random.Next(256);
            else Word(made.AsSpan(4 * random.Next(header / 4)), random);
        return random.Next(4) == 0 ? [.. made, .. OddValues.Bytes(random)] : made;

        static void Word(Span<byte> field, Random random) =>
            BinaryPrimitives.WriteInt32BigEndian(
                field, unchecked((int)OddValues.Number(random, BinaryPrimitives.ReadInt32BigEndian(field))));
    }

    public static byte[] Cifar(byte[] whole, Random random)
    {
        var records = whole.Chunk(3073).ToList();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            if (records.Count == 0 || random.Next(3) == 0)
                random.Shuffled(records);
            else
                records[random.Next(records.Count)] =
                    [(byte)random.Next(random.Next(2) == 0 ? 12 : 256), .. whole.AsSpan(1, 3072)];
        }
        return [.. records.SelectMany(record => record)];
    }

    public static byte[] Table(byte[] whole, Random random)
    {
        string[] odd =
        [
            "", "\"", "\"\"", "\"a\"b", "nan", "-inf", "1e999", "1e-999", "0x10", "1_000", "1,5", "\t", "\0", "９",
            new('9', 400), new('x', 70_000), "\r", "\ufeff", "a\"", "\"x\ny\"", "-", "1e", "+1", " 1 ",
        ];
        var lines = Encoding.UTF8.GetString(whole).Split('\n').ToList();
        for (var i = random.Next(1, 4); i > 0 && lines.Count > 0; i--)
        {
            if (random.Next(4) == 0) { random.Shuffled(lines); continue; }
            var at = random.Next(lines.Count);
            var separator = lines[at].Contains('\t', StringComparison.Ordinal) ? '\t' : ',';
            var fields = lines[at].Split(separator).ToList();
            if (random.Next(3) == 0) random.Shuffled(fields);
            else fields[random.Next(fields.Count)] = random.Next(4) == 0 ? OddValues.Text(random) : random.Of(odd);
            lines[at] = string.Join(separator, fields);
        }
        return
        [
            .. random.Next(10) == 0 ? Encoding.UTF8.Preamble.ToArray() : [],
            .. Encoding.UTF8.GetBytes(string.Join('\n', lines)),
        ];
    }

    /// <summary>The header's JSON, its length put right, or its length alone; the numbers longer or shorter.</summary>
    public static byte[] SafeTensors(byte[] whole, Random random)
    {
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(whole);
        var (header, data) = (whole[8..(8 + length)], whole[(8 + length)..]);
        if (random.Next(4) > 0) header = JsonDamage.Change(header, random);
        if (random.Next(8) == 0) data = ByteDamage.Change([.. data, 0], random);
        var said = random.Next(10) == 0 ? OddValues.Number(random, header.Length) : header.Length;
        return [.. BitConverter.GetBytes(said), .. header, .. data];
    }

    /// <summary>A shard's numbers, text, ids or records; every CRC put right again.</summary>
    public static byte[] Shard(byte[] whole, Random random)
    {
        var made = whole.ToArray();
        int json = Number(1), count = Number(4), record = Number(5);
        var ids = 64 + (json + 3) / 4 * 4;
        var records = (int)(((long)ids + 4L * count + 63) / 64 * 64);
        switch (random.Next(5))
        {
            case 0 or 1:
                for (var i = random.Next(1, 3); i > 0; i--)
                    Set(random.Next(6), unchecked((int)OddValues.Number(random, count)));
                break;
            case 2:
                var text = JsonDamage.Change(made[64..(64 + json)], random);
                var room = (text.Length + 3) / 4 * 4;
                made =
                [
                    .. made.AsSpan(0, 64), .. text, .. new byte[room - text.Length], .. made.AsSpan(ids, 4 * count),
                ];
                made = [.. made, .. new byte[(made.Length + 63) / 64 * 64 - made.Length], .. whole.AsSpan(records)];
                Set(1, text.Length);
                break;
            case 3:
                BinaryPrimitives.WriteInt32LittleEndian(
                    made.AsSpan(ids + 4 * random.Next(count)), unchecked((int)OddValues.Number(random, 3)));
                for (var i = 0; i < count; i++) Seal(i);
                break;
            default:
                var one = random.Next(count);
                made[records + one * record + random.Next(record - 4)] = (byte)random.Next(256);
                Seal(one);
                break;
        }
        var (said, promised) = (Number(1), Number(4));
        if (said > 0 && said <= made.Length - 64) Set(6, (int)Crc.Of(made.AsSpan(64, said)));
        var place = 64L + (said + 3L) / 4 * 4;
        if (said > 0 && promised > 0 && place + 4L * promised <= made.Length)
            Set(7, (int)Crc.Of(made.AsSpan((int)place, 4 * promised)));
        BinaryPrimitives.WriteUInt32LittleEndian(made.AsSpan(60), Crc.Of(made.AsSpan(0, 60)));
        return made;

        int Number(int i) => BinaryPrimitives.ReadInt32LittleEndian(made.AsSpan(8 + 4 * i));
        void Set(int i, int value) => BinaryPrimitives.WriteInt32LittleEndian(made.AsSpan(8 + 4 * i), value);

        void Seal(int i)
        {
            var sealedRecord = made.AsSpan(records + i * record, record);
            var crc = Crc.Of(MemoryMarshal.Read<int>(made.AsSpan(ids + 4 * i)), Number(2), sealedRecord[..^4]);
            BinaryPrimitives.WriteUInt32LittleEndian(sealedRecord[^4..], crc);
        }
    }
}
