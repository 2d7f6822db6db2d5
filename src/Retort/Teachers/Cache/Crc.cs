using System.Runtime.InteropServices;
using Retort.Tensors.Files;

namespace Retort.Teachers.Cache;

/// <summary>The checksums of shards: CRC-32C.</summary>
static class Crc
{
    /// <summary>The checksum of a part of the header.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => Crc32C.Compute(bytes);

    /// <summary>
    /// The checksum of a record. Example and view are part of it, so that a record in another's place is noticed.
    /// </summary>
    public static uint Of(int id, int view, ReadOnlySpan<byte> record)
    {
        ReadOnlySpan<int> key = [id, view];
        return Crc32C.Compute(record, Of(MemoryMarshal.AsBytes(key)));
    }
}
