using System.Numerics;
using System.Runtime.InteropServices;

namespace Retort.Runtime.Knowledge;

/// <summary>The checksum CRC-32C (Castagnoli; RFC 3720, appendix B.4): it finds every change of up to 32 bits.</summary>
struct Checksum
{
    uint _inverted;

    /// <summary>The checksum of all bytes so far.</summary>
    public readonly uint Value => _inverted;

    /// <summary>Adds bytes. The length of all but the last must be a multiple of 8, or the result is another.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        var crc = ~_inverted;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words) crc = BitOperations.Crc32C(crc, word);
        foreach (var value in bytes[(8 * words.Length)..]) crc = BitOperations.Crc32C(crc, value);
        _inverted = ~crc;
    }

    /// <summary>The checksum of bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var checksum = new Checksum();
        checksum.Add(bytes);
        return checksum.Value;
    }
}
