using System.Buffers.Binary;
using Retort.Runtime.Knowledge;

namespace Retort.Fire.Damage;

/// <summary>The reader of knowledge bases.</summary>
static class KnowledgeReaders
{
    const int Header = 128;
    const int HeaderChecksum = 124;
    const int BodyChecksum = 88;

    /// <summary>A base that is opened, searched, and asked for every row.</summary>
    public static Reader Base(string folder)
    {
        var path = Path.Combine(folder, "knowledge.base");
        return new()
        {
            Name = "knowledge-base",
            Folder = folder,
            Targets = [new(path, Change, [.. Enum.GetValues<KeyType>().Select(Whole)])],
            Read = () =>
            {
                using var knowledge = KnowledgeBase.Open(path);
                var nearest = new Neighbor[5];
                knowledge.Search(new float[knowledge.Width], nearest, exceptId: 3);
                Retrieval.Apply(knowledge, new float[knowledge.Width], new float[knowledge.Classes]);
                for (var row = 0; row < Math.Min(knowledge.Rows, 100); row++)
                {
                    knowledge.CopyKey(row, new float[knowledge.Width]);
                    knowledge.CopyValue(row, new float[knowledge.Classes]);
                    _ = (knowledge.IdOf(row), knowledge.TextOf(row));
                }
            },
        };
    }

    static byte[] Whole(KeyType type)
    {
        var builder = new KnowledgeBaseBuilder(3, 2, new(4, 0.5, 0.1)) { KeyType = type };
        for (var i = 0; i < 9; i++) builder.Add([i, 1, 2], [0.25f, 0.75f], i, type == KeyType.Int8 ? $"é{i}" : null);
        using var stream = new MemoryStream();
        builder.Write(stream);
        return stream.ToArray();
    }

    // most of them with checksums that fit, so that the checks behind these are reached
    static byte[] Change(byte[] whole, Random random)
    {
        var changed = whole[..(random.Next(8) == 0 ? random.Next(Header, whole.Length) : whole.Length)];
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var at = 4 * random.Next(random.Next(2) == 0 ? Header / 4 : changed.Length / 4);
            var value = random.Next(4) switch
            {
                0 => random.Next(-3, 10), 1 => int.MaxValue, 2 => BitConverter.SingleToInt32Bits(float.NaN),
                _ => random.Next(),
            };
            BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(at), value);
        }
        if (random.Next(6) == 0) return changed;

        BinaryPrimitives.WriteUInt32LittleEndian(
            changed.AsSpan(BodyChecksum), Checksum.Of(changed.AsSpan(Header)));
        BinaryPrimitives.WriteUInt32LittleEndian(
            changed.AsSpan(HeaderChecksum), Checksum.Of(changed.AsSpan(0, HeaderChecksum)));
        return changed;
    }
}
