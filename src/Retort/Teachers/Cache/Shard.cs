using System.Runtime.InteropServices;
using Retort.Tensors.Files;

namespace Retort.Teachers.Cache;

/// <summary>One file of a cache, open: answers to some examples in one view.</summary>
sealed class Shard : IDisposable
{
    const int Block = 1 << 20;                                             // read at once where all records are
    readonly RandomAccessFile _file;
    readonly int[] _ids;

    Shard(RandomAccessFile file, ShardHeader header)
    {
        (_file, Header, _ids) = (file, header, new int[header.Count]);
        file.Read(header.Starts.Ids, MemoryMarshal.AsBytes(_ids.AsSpan()));
    }

    public ShardHeader Header { get; }

    public string Path => _file.Path;

    public long Bytes => _file.Length;

    /// <summary>The examples' ids, in the order of the records.</summary>
    public ReadOnlySpan<int> Ids => _ids;

    /// <summary>Opens a shard and checks everything that it says of itself.</summary>
    /// <exception cref="InvalidDataException">It is damaged, cut short or no shard; one sentence.</exception>
    public static Shard Open(string path)
    {
        if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException("A teacher's cache can be read on little-endian processors only.");
        var file = RandomAccessFile.Open(path);
        try
        {
            return new(file, ShardHeader.Read(path, file.Length, (offset, length) => file.Read(offset, length)));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The payload of a record, its CRC checked: at each reading, for a file can change.</summary>
    /// <param name="i">Which.</param>
    /// <param name="room">Where it is read to: a record's bytes at least.</param>
    public ReadOnlySpan<byte> Record(int i, Span<byte> room)
    {
        var record = room[..Header.RecordBytes];
        _file.Read(Header.Starts.Records + (long)i * Header.RecordBytes, record);
        return Checked(i, record);
    }

    /// <summary>Reads every record once.</summary>
    public void CheckRecords()
    {
        var most = Math.Max(1, Block / Header.RecordBytes);
        var room = new byte[(long)Math.Min(most, Header.Count) * Header.RecordBytes];
        for (var first = 0; first < Header.Count; first += most)
        {
            var records = room.AsSpan(0, Math.Min(most, Header.Count - first) * Header.RecordBytes);
            _file.Read(Header.Starts.Records + (long)first * Header.RecordBytes, records);
            for (var i = 0; i < records.Length / Header.RecordBytes; i++) Checked(first + i, records.Slice(i * Header.RecordBytes, Header.RecordBytes));
        }
    }

    ReadOnlySpan<byte> Checked(int i, ReadOnlySpan<byte> record)
    {
        var payload = record[..^sizeof(uint)];
        if (MemoryMarshal.Read<uint>(record[^sizeof(uint)..]) == Crc.Of(_ids[i], Header.View, payload)) return payload;
        throw Damaged(Path, FormattableString.Invariant($"the record of example {_ids[i]}, view {Header.View}, is not the one that was written"));
    }

    public static InvalidDataException Damaged(string path, string what) =>
        new($"{path} is damaged: {what}. Remove the file; it is then made again.");

    public void Dispose() => _file.Dispose();
}
