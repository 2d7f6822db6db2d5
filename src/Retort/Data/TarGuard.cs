namespace Retort.Data;

/// <summary>
/// The content of a tar archive on its way to <see cref="System.Formats.Tar.TarReader"/>, which allocates the stated
/// size of a long name or of extended attributes unchecked. Headers that state more than 1 MB are refused.
/// </summary>
sealed class TarGuard(Stream inner, string path) : ReadingStream
{
    const int MaxBytes = 1_000_000;
    const int HeaderBytes = 512;

    /// <summary>Whether the reader reads a header, not a file's content.</summary>
    public bool IsInHeader { get; set; }

    /// <summary>The exception that the guard threw into the reader; null where it refused nothing.</summary>
    public InvalidDataException? Refusal { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        var count = buffer.Length == HeaderBytes
            ? inner.ReadAtLeast(buffer, HeaderBytes, throwOnEndOfStream: false)
            : inner.Read(buffer);
        if (IsInHeader && count == HeaderBytes && IsNameOrAttributes(buffer)) CheckSize(buffer.Slice(124, 12));
        return count;
    }

    static bool IsNameOrAttributes(ReadOnlySpan<byte> header) =>
        header.Slice(257, 5).SequenceEqual("ustar"u8) && "xgLK"u8.Contains(header[156]);

    void CheckSize(ReadOnlySpan<byte> field)
    {
        var size = 0L;
        foreach (var digit in field)
            if (digit is >= (byte)'0' and <= (byte)'7') size = size * 8 + digit - '0';
        if (size > MaxBytes || field[0] >= 0x80)
            throw Refusal = new InvalidDataException(
                Invariant($"{path} may have names and attributes of at most {MaxBytes} bytes; one has {size}."));
    }
}
