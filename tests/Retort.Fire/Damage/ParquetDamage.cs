using System.Buffers.Binary;

namespace Retort.Fire.Damage;

/// <summary>
/// Damage to a Parquet file: its footer with the length put right, its page headers in their place, its pages.
/// </summary>
static class ParquetDamage
{
    public static byte[] Change(byte[] whole, Random chance)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(whole.AsSpan(whole.Length - 8));
        var footer = whole.Length - 8 - length;
        if (chance.Next(3) > 0)
            return Framed(whole[..footer], ThriftDamage.Change(whole.AsSpan(footer, length), chance).Changed);
        var (page, inside) = (4, whole[..footer]);                         // the first page begins behind the magic
        var (changed, taken) = ThriftDamage.Change(inside.AsSpan(page), chance);
        return Framed(chance.Next(2) == 0 && changed.Length == taken
            ? [.. inside.AsSpan(0, page), .. changed, .. inside.AsSpan(page + taken)]
            : Pages(inside, page + taken, chance), whole[footer..^8]);
    }

    // what stands in a page: levels, numbers, packed bytes
    static byte[] Pages(byte[] inside, int from, Random chance)
    {
        var made = inside.ToArray();
        for (var i = chance.Next(1, 6); i > 0; i--)
            made[Math.Min(from + chance.Next(chance.Next(2) == 0 ? 40 : made.Length), made.Length - 1)] =
                (byte)chance.Next(256);
        return made;
    }

    static byte[] Framed(byte[] inside, byte[] footer) =>
        [.. inside, .. footer, .. BitConverter.GetBytes(footer.Length), .. "PAR1"u8];
}
