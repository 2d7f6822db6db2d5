using System.Numerics;
using System.Runtime.InteropServices;

namespace Retort.Teachers.Cache;

/// <summary>CRC-32C (Castagnoli; RFC 3720, appendix B.4): an instruction of the processor, so each record is checked at each reading.</summary>
static class Crc
{
    /// <summary>Of these bytes, behind what <paramref name="before"/> was of.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes, uint before = 0)
    {
        var crc = ~before;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words) crc = BitOperations.Crc32C(crc, word);
        foreach (var one in bytes[(8 * words.Length)..]) crc = BitOperations.Crc32C(crc, one);
        return ~crc;
    }

    /// <summary>Of an example's record: its key is part of it, so that a record in another's place is noticed.</summary>
    public static uint Of(int id, int view, ReadOnlySpan<byte> record)
    {
        ReadOnlySpan<int> key = [id, view];
        return Of(record, Of(MemoryMarshal.AsBytes(key)));
    }
}
