using System.Runtime.InteropServices;
using Retort.Tensors.Files;

namespace Retort.Teachers.Cache;

/// <summary>One file of a cache, mapped: answers to some examples in one view.</summary>
sealed class Shard : IDisposable
{
    readonly MappedFile _file;
    readonly int[] _ids;

    Shard(MappedFile file, ShardHeader header)
    {
        (_file, Header) = (file, header);
        _ids = MemoryMarshal.Cast<byte, int>(file.At(header.Starts.Ids, 4 * header.Count)).ToArray();
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
        var file = MappedFile.Open(path);
        try
        {
            return new(file, ShardHeader.Read(path, file.Length, file.At));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The payload of a record, its CRC checked: at each reading, for a file can change.</summary>
    public ReadOnlySpan<byte> Record(int i)
    {
        var record = _file.At(Header.Starts.Records + (long)i * Header.RecordBytes, Header.RecordBytes);
        var payload = record[..^sizeof(uint)];
        if (MemoryMarshal.Read<uint>(record[^sizeof(uint)..]) == Crc.Of(_ids[i], Header.View, payload)) return payload;
        throw Damaged(Path, FormattableString.Invariant($"the record of example {_ids[i]}, view {Header.View}, is not the one that was written"));
    }

    /// <summary>Reads every record once.</summary>
    public void CheckRecords()
    {
        for (var i = 0; i < Header.Count; i++) Record(i);
    }

    public static InvalidDataException Damaged(string path, string what) =>
        new($"{path} is damaged: {what}. Remove the file; it is then made again.");

    public void Dispose() => _file.Dispose();
}
