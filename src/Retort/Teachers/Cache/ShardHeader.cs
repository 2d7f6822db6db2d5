using System.Buffers.Binary;
using System.Text.Json;

namespace Retort.Teachers.Cache;

/// <summary>
/// The header of a shard, little-endian. 64 bytes: magic, version, length of the JSON, view, number of the shard, count
/// of records, bytes of a record, CRCs of the JSON and of the ids, CRC of these 64 bytes themselves. Then the JSON
/// (identity and errors), then the ids; the records begin at a multiple of 64.
/// </summary>
sealed record ShardHeader(
    CacheIdentity Identity, IReadOnlyList<CodecError> Errors, int View, int Number, int Count, int RecordBytes)
{
    /// <summary>The format. Shards of another version are refused.</summary>
    public const int Version = 3;

    const int FixedBytes = 64;
    const int MaxJson = 1 << 20;

    /// <summary>Reads bytes of a file.</summary>
    public delegate ReadOnlySpan<byte> Reader(long offset, int length);

    static ReadOnlySpan<byte> Magic => "RETORT\u0001\n"u8;

    /// <summary>Where the ids begin, and the records.</summary>
    public (int Ids, int Records) Starts { get; private init; }

    /// <summary>The header's bytes up to the first record.</summary>
    public byte[] Bytes(ReadOnlySpan<int> ids)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new Contents(Identity, Errors), CacheIdentity.Format);
        if (json.Length > MaxJson) throw new InvalidOperationException(Invariant(
            $"A cache cannot be written whose identity takes {json.Length} bytes; {MaxJson} at most are read."));
        var (idsAt, records) = StartsOf(json.Length, ids.Length);
        var bytes = new byte[records];
        json.CopyTo(bytes, FixedBytes);
        for (var i = 0; i < ids.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(idsAt + 4 * i), ids[i]);
        Magic.CopyTo(bytes);
        var idsCrc = Crc.Of(bytes.AsSpan(idsAt, 4 * ids.Length));
        int[] numbers = [Version, json.Length, View, Number, Count, RecordBytes, (int)Crc.Of(json), (int)idsCrc];
        for (var i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8 + 4 * i), numbers[i]);
        var crc = Crc.Of(bytes.AsSpan(0, FixedBytes - 4));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(FixedBytes - 4), crc);
        return bytes;
    }

    /// <summary>Reads a header. Every size in it is checked against the file's length before it is used.</summary>
    /// <exception cref="InvalidDataException">The file is no shard, or a damaged one.</exception>
    public static ShardHeader Read(string path, long length, Reader read)
    {
        if (length < FixedBytes || !read(0, 8).SequenceEqual(Magic))
            throw new InvalidDataException($"{path} is no shard of a teacher's cache.");
        var start = read(0, FixedBytes);
        if (NumberAt(start, 0) != Version) throw new InvalidDataException(Invariant(
            $"{path} has the cache format {NumberAt(start, 0)}; this version of Retort reads {Version}: ")
            + "choose another teacher.path, or remove the folder's shards.");
        if (BinaryPrimitives.ReadUInt32LittleEndian(start[(FixedBytes - 4)..]) != Crc.Of(start[..(FixedBytes - 4)]))
            throw Shard.Damaged(path, "its first bytes are not those that were written");
        var (json, count, record) = (NumberAt(start, 1), NumberAt(start, 4), NumberAt(start, 5));
        var isPossible = json is >= 2 and <= MaxJson && count is >= 1 and <= ShardPlan.MaxExamples
            && record is >= 1 and <= RecordLayout.MaxBytes;
        if (!isPossible) throw Shard.Damaged(path, "its header has impossible sizes");
        var (ids, records) = json <= length && count <= length / 4 ? StartsOf(json, count) : (0, int.MaxValue);
        if (records + (long)count * record != length) throw Shard.Damaged(path, Invariant(
            $"its header promises {count} records of {record} bytes, and the file has {length} bytes in all"));
        if ((uint)NumberAt(start, 6) != Crc.Of(read(FixedBytes, json))
            || (uint)NumberAt(start, 7) != Crc.Of(read(ids, 4 * count)))
            throw Shard.Damaged(path, "its header is not the one that was written");

        var contents = Parse(path, read(FixedBytes, json));
        return new(contents.Identity, contents.Errors, NumberAt(start, 2), NumberAt(start, 3), count, record)
        {
            Starts = (ids, records),
        };
    }

    static Contents Parse(string path, ReadOnlySpan<byte> json)
    {
        try
        {
            var contents = JsonSerializer.Deserialize<Contents>(json, CacheIdentity.Format);
            return contents is { Identity.IsWhole: true } ? contents : throw new JsonException();
        }
        catch (JsonException error)
        {
            var damaged = Shard.Damaged(path, "its header does not say which teacher's outputs it holds");
            throw new InvalidDataException(damaged.Message, error);
        }
    }

    static (int Ids, int Records) StartsOf(int json, int count)
    {
        var ids = FixedBytes + (json + 3) / 4 * 4;
        return (ids, checked((int)(((long)ids + 4L * count + 63) / 64 * 64)));
    }

    static int NumberAt(ReadOnlySpan<byte> bytes, int i) =>
        BinaryPrimitives.ReadInt32LittleEndian(bytes[(8 + 4 * i)..]);

    sealed record Contents(CacheIdentity Identity, IReadOnlyList<CodecError> Errors);
}
