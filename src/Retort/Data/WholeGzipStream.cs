using System.Buffers.Binary;
using System.IO.Compression;

namespace Retort.Data;

/// <summary>
/// Unpacks gzip and refuses a file that ends early. <see cref="GZipStream"/> takes the end of a truncated file for the
/// end of its content.
/// </summary>
/// <param name="file">The packed file.</param>
sealed class WholeGzipStream(Stream file) : Stream
{
    const int TrailerBytes = 8;                          // CRC-32, then the content's size modulo 2³²
    readonly GZipStream _content = new(file, CompressionMode.Decompress);
    long _length;

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = _content.Read(buffer);
        _length += count;
        if (count == 0 && buffer.Length > 0) CheckEnd();
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
        if (stated != (uint)_length && !HasSeveralMembers())
            throw new InvalidDataException("it is truncated: it ends before its content does");
    }

    bool HasSeveralMembers()
    {
        file.Seek(1, SeekOrigin.Begin);
        var (before, last) = (0, 0);
        using var all = new BufferedStream(file, 1 << 16);
        for (int next; (next = all.ReadByte()) >= 0; (before, last) = (last, next))
            if (before == 0x1f && last == 0x8b && next == 8) return true;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _content.Dispose();
        base.Dispose(disposing);
    }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
