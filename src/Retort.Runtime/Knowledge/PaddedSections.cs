namespace Retort.Runtime.Knowledge;

/// <summary>
/// Writes sections of which each ends at a multiple of 64 bytes, in pieces of one size, so that checksums are added
/// eight bytes at a time.
/// </summary>
/// <param name="write">Receives the pieces.</param>
sealed class PaddedSections(Action<byte[]> write)
{
    const int Alignment = 64;

    readonly byte[] _piece = new byte[Alignment * 1024];
    int _used;

    /// <summary>Adds bytes to the section.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var count = Math.Min(bytes.Length, _piece.Length - _used);
            bytes[..count].CopyTo(_piece.AsSpan(_used));
            bytes = bytes[count..];
            _used += count;
            if (_used < _piece.Length) continue;

            write(_piece);
            _used = 0;
        }
    }

    /// <summary>Ends the section: zeros follow up to the next multiple of 64 bytes, and everything is written.</summary>
    public void EndSection()
    {
        var padded = _used + Alignment - 1 & ~(Alignment - 1);
        _piece.AsSpan(_used, padded - _used).Clear();
        if (padded > 0) write(_piece[..padded]);
        _used = 0;
    }
}
