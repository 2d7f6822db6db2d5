using System.Numerics;
using System.Runtime.InteropServices;

namespace Retort.Tensors.Files;

/// <summary>The checksum CRC-32C (Castagnoli; RFC 3720, appendix B.4), computed by processor instructions.</summary>
public static class Crc32C
{
    /// <summary>The checksum of bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="previous">The checksum of the bytes before them, if any.</param>
    public static uint Compute(ReadOnlySpan<byte> bytes, uint previous = 0)
    {
        var crc = ~previous;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words) crc = BitOperations.Crc32C(crc, word);
        foreach (var value in bytes[(8 * words.Length)..]) crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}
