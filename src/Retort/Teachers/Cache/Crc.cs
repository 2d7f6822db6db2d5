using System.Numerics;
using System.Runtime.InteropServices;

namespace Retort.Teachers.Cache;

/// <summary>The checksum CRC-32C (Castagnoli; RFC 3720, appendix B.4), computed by processor instructions.</summary>
static class Crc
{
    /// <summary>The checksum of bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="previous">The checksum of the bytes before them, if any.</param>
    public static uint Of(ReadOnlySpan<byte> bytes, uint previous = 0)
    {
        var crc = ~previous;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var value in words) crc = BitOperations.Crc32C(crc, value);
        foreach (var value in bytes[(8 * words.Length)..]) crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }

    /// <summary>
    /// The checksum of a record. Example and view are part of it, so that a record in another's place is noticed.
    /// </summary>
    public static uint Of(int id, int view, ReadOnlySpan<byte> record)
    {
        ReadOnlySpan<int> key = [id, view];
        return Of(record, Of(MemoryMarshal.AsBytes(key)));
    }
}
