using System.Runtime.InteropServices;
using Retort.Tensors.Files;

namespace Retort.Teachers.Cache;

/// <summary>One file of a cache, open: the teacher's outputs for some examples in one view.</summary>
sealed class Shard : IDisposable
{
    const int BlockBytes = 1 << 20;                                        // read at once where all records are read

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

    /// <summary>Opens a shard and checks everything that its header says.</summary>
    /// <exception cref="InvalidDataException">It is damaged, cut short, or no shard.</exception>
    public static Shard Open(string path)
    {
        if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException(
            "A teacher's cache can be read on little-endian processors only.");
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

    /// <summary>The payload of a record. Its CRC is checked at every reading, since a file can change.</summary>
    /// <param name="i">The index of the record.</param>
    /// <param name="buffer">Receives the record; at least as long.</param>
    public ReadOnlySpan<byte> Record(int i, Span<byte> buffer)
    {
        var record = buffer[..Header.RecordBytes];
        _file.Read(Header.Starts.Records + (long)i * Header.RecordBytes, record);
        return Checked(i, record);
    }

    /// <summary>Reads every record once.</summary>
    public void CheckRecords()
    {
        var size = Header.RecordBytes;
        var perBlock = Math.Max(1, BlockBytes / size);
        var buffer = new byte[(long)Math.Min(perBlock, Header.Count) * size];
        for (var first = 0; first < Header.Count; first += perBlock)
        {
            var records = buffer.AsSpan(0, Math.Min(perBlock, Header.Count - first) * size);
            _file.Read(Header.Starts.Records + (long)first * size, records);
            for (var i = 0; i < records.Length / size; i++) Checked(first + i, records.Slice(i * size, size));
        }
    }

    /// <summary>The error that a shard is damaged.</summary>
    public static InvalidDataException Damaged(string path, string what) =>
        new($"{path} is damaged: {what}. Remove the file; it is then made again.");

    public void Dispose() => _file.Dispose();

    ReadOnlySpan<byte> Checked(int i, ReadOnlySpan<byte> record)
    {
        var payload = record[..^sizeof(uint)];
        if (MemoryMarshal.Read<uint>(record[^sizeof(uint)..]) == Crc.Of(_ids[i], Header.View, payload)) return payload;
        throw Damaged(Path, Invariant(
            $"the record of example {_ids[i]}, view {Header.View}, is not the one that was written"));
    }
}
