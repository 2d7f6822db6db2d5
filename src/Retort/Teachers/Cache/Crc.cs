using System.Runtime.InteropServices;
using Retort.Tensors.Files;

namespace Retort.Teachers.Cache;

/// <summary>The checksums of shards: CRC-32C.</summary>
static class Crc
{
    /// <summary>The checksum of bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="previous">The checksum of the bytes before them, if any.</param>
    public static uint Of(ReadOnlySpan<byte> bytes, uint previous = 0) => Crc32C.Compute(bytes, previous);

    /// <summary>
    /// The checksum of a record. Example and view are part of it, so that a record in another's place is noticed.
    /// </summary>
    public static uint Of(int id, int view, ReadOnlySpan<byte> record)
    {
        ReadOnlySpan<int> key = [id, view];
        return Of(record, Of(MemoryMarshal.AsBytes(key)));
    }
}
