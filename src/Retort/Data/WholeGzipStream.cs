using System.Buffers.Binary;
using System.IO.Compression;

namespace Retort.Data;

/// <summary>
/// Unpacks gzip and refuses a file that ends early, or goes on after its content; zeros may follow, as tapes and block
/// devices add. <see cref="GZipStream"/> takes the end of a truncated file for the end of its content.
/// </summary>
/// <param name="file">The packed file.</param>
sealed class WholeGzipStream(Stream file) : ReadingStream
{
    const int TrailerBytes = 8;                          // CRC-32, then the content's size modulo 2³²
    readonly GZipStream _content = new(file, CompressionMode.Decompress);
    long _length;

    public override int Read(Span<byte> buffer)
    {
        int count;
        try
        {
            count = _content.Read(buffer);
        }
        catch (InvalidDataException error)                // its message is about methods of compression
        {
            throw new InvalidDataException("it is damaged, or its checksum is wrong", error);
        }
        _length += count;
        if (count > 0 || buffer.Length == 0) return count;

        CheckEnd();
        file.Seek(0, SeekOrigin.End);                     // so that a further call reads nothing
        return count;
    }

    // the size at the end is that of the last member alone; a file with several is not checked
    void CheckEnd()
    {
        Span<byte> size = stackalloc byte[4];
        if (file.Length > TrailerBytes)
        {
            file.Seek(-size.Length, SeekOrigin.End);
            file.ReadExactly(size);
        }
        var stated = BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (stated == (uint)_length || HasSeveralMembers()) return;

        if (FindEnd() is not { } end)
            throw new InvalidDataException("it is truncated: it ends before its content does");
        if (!HasOnlyZeros(end)) throw new InvalidDataException(
            Invariant($"its content is followed by {file.Length - end} bytes that are not gzip"));
    }

    // the last place that ends with the size of the content; null where there is none
    long? FindEnd()
    {
        long? end = null;
        var last = 0u;
        file.Seek(0, SeekOrigin.Begin);
        var buffer = new byte[1 << 16];
        for (var at = 0L; file.Read(buffer) is > 0 and var count; at += count)
            for (var i = 0; i < count; i++)
            {
                last = last >> 8 | (uint)buffer[i] << 24;
                if (last == (uint)_length && at + i + 1 > TrailerBytes) end = at + i + 1;
            }
        return end;
    }

    bool HasOnlyZeros(long start)
    {
        file.Seek(start, SeekOrigin.Begin);
        var buffer = new byte[1 << 16];
        while (file.Read(buffer) is > 0 and var count)
            if (buffer.AsSpan(0, count).ContainsAnyExcept((byte)0)) return false;
        return true;
    }

    bool HasSeveralMembers()
    {
        file.Seek(1, SeekOrigin.Begin);
        var (before, last) = ((byte)0, (byte)0);
        var buffer = new byte[1 << 16];
        while (file.Read(buffer) is > 0 and var count)
            foreach (var next in buffer.AsSpan(0, count))
            {
                if (before == 0x1f && last == 0x8b && next == 8) return true;
                (before, last) = (last, next);
            }
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _content.Dispose();
        base.Dispose(disposing);
    }
}
