using System.Buffers.Binary;
using System.Text.Json;
using Retort.Runs;

namespace Retort.Teachers.Cache;

/// <summary>
/// What stands before a shard's records. 64 bytes: magic, version, length of the JSON, view, number of the shard, count of
/// records, bytes a record, CRCs of the JSON and of the ids, CRC of these 64 bytes themselves. Then the JSON (identity and
/// measured errors), then the ids; the records begin at a multiple of 64. Little-endian.
/// </summary>
sealed record ShardHeader(CacheIdentity Identity, IReadOnlyList<CodecError> Errors, int View, int Number, int Count, int RecordBytes)
{
    /// <summary>The format: another version's shards are refused.</summary>
    public const int Version = 2;

    const int Fixed = 64;
    const int LongestJson = 1 << 20;
    static ReadOnlySpan<byte> Magic => "RETORT\u0001\n"u8;

    /// <summary>Where the ids begin, and the records.</summary>
    public (int Ids, int Records) Starts { get; private init; }

    /// <summary>The header's bytes up to the first record.</summary>
    public byte[] Bytes(ReadOnlySpan<int> ids)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new Contents(Identity, Errors), CacheIdentity.Format);
        if (json.Length > LongestJson) throw new InvalidOperationException(FormattableString.Invariant(
            $"A cache cannot be written whose identity takes {json.Length} bytes; {LongestJson} at most are read."));
        var (idsAt, records) = Places(json.Length, ids.Length);
        var bytes = new byte[records];
        json.CopyTo(bytes, Fixed);
        for (var i = 0; i < ids.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(idsAt + 4 * i), ids[i]);
        Magic.CopyTo(bytes);
        int[] numbers = [Version, json.Length, View, Number, Count, RecordBytes, (int)Crc.Of(json), (int)Crc.Of(bytes.AsSpan(idsAt, 4 * ids.Length))];
        for (var i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8 + 4 * i), numbers[i]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Fixed - 4), Crc.Of(bytes.AsSpan(0, Fixed - 4)));
        return bytes;
    }

    public delegate ReadOnlySpan<byte> Piece(long offset, int length);

    /// <summary>Reads a header. No size in it is believed before it is held against the file's length.</summary>
    /// <exception cref="InvalidDataException">It is none, or a damaged one.</exception>
    public static ShardHeader Read(string path, long length, Piece at)
    {
        if (length < Fixed || !at(0, 8).SequenceEqual(Magic)) throw Wrong("is no shard of a teacher's cache");
        var start = at(0, Fixed);
        if (NumberAt(start, 0) != Version) throw Wrong(FormattableString.Invariant($"has the cache format {NumberAt(start, 0)}; this version of Retort reads {Version}: choose another teacher.path, or remove the folder's shards"));
        if (BinaryPrimitives.ReadUInt32LittleEndian(start[(Fixed - 4)..]) != Crc.Of(start[..(Fixed - 4)])) throw Damaged("its first bytes are not those that were written");
        var (json, count, record) = (NumberAt(start, 1), NumberAt(start, 4), NumberAt(start, 5));
        if (json is < 2 or > LongestJson || count is < 1 or > ShardPlan.Most || record is < 1 or > RecordLayout.Most) throw Damaged("its header has impossible sizes");
        var (ids, records) = json <= length && count <= length / 4 ? Places(json, count) : (0, int.MaxValue);
        if (records + (long)count * record != length) throw Damaged(FormattableString.Invariant(
            $"its header promises {count} records of {record} bytes, and the file has {length} bytes in all"));
        if ((uint)NumberAt(start, 6) != Crc.Of(at(Fixed, json)) || (uint)NumberAt(start, 7) != Crc.Of(at(ids, 4 * count)))
            throw Damaged("its header is not the one that was written");
        try
        {
            var contents = JsonSerializer.Deserialize<Contents>(at(Fixed, json), CacheIdentity.Format) ?? throw Damaged("its header is empty");
            return new(contents.Identity, contents.Errors, NumberAt(start, 2), NumberAt(start, 3), count, record) { Starts = (ids, records) };
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(Damaged("its header does not say whose answers it holds").Message, error);
        }

        InvalidDataException Wrong(string what) => new($"{path} {what}.");
        InvalidDataException Damaged(string what) => Shard.Damaged(path, what);
    }

    static (int Ids, int Records) Places(int json, int count)
    {
        var ids = Fixed + (json + 3) / 4 * 4;
        return (ids, checked((int)(((long)ids + 4L * count + 63) / 64 * 64)));
    }

    static int NumberAt(ReadOnlySpan<byte> bytes, int i) => BinaryPrimitives.ReadInt32LittleEndian(bytes[(8 + 4 * i)..]);

    sealed record Contents(CacheIdentity Identity, IReadOnlyList<CodecError> Errors);
}
