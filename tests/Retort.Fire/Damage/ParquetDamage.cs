using System.Buffers.Binary;

namespace Retort.Fire.Damage;

/// <summary>
/// Damage to a Parquet file: its footer with the length put right, its page headers in their place, its pages.
/// </summary>
static class ParquetDamage
{
    public static byte[] Change(byte[] whole, Random random)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(whole.AsSpan(whole.Length - 8));
        var footer = whole.Length - 8 - length;
        if (random.Next(3) > 0)
            return Framed(whole[..footer], ThriftDamage.Change(whole.AsSpan(footer, length), random).Changed);
        var (page, inside) = (4, whole[..footer]);                         // the first page begins behind the magic
        var (changed, taken) = ThriftDamage.Change(inside.AsSpan(page), random);
        return Framed(random.Next(2) == 0 && changed.Length == taken
            ? [.. inside.AsSpan(0, page), .. changed, .. inside.AsSpan(page + taken)]
            : Pages(inside, page + taken, random), whole[footer..^8]);
    }

    // what stands in a page: levels, numbers, packed bytes
    static byte[] Pages(byte[] inside, int from, Random random)
    {
        var made = inside.ToArray();
        for (var i = random.Next(1, 6); i > 0; i--)
            made[Math.Min(from + random.Next(random.Next(2) == 0 ? 40 : made.Length), made.Length - 1)] =
                (byte)random.Next(256);
        return made;
    }

    static byte[] Framed(byte[] inside, byte[] footer) =>
        [.. inside, .. footer, .. BitConverter.GetBytes(footer.Length), .. "PAR1"u8];
}
