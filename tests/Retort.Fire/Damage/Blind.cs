using System.Buffers.Binary;

namespace Retort.Fire.Damage;

/// <summary>Damage that knows nothing of the format.</summary>
static class Blind
{
    const int Head = 600;                                                  // headers stand at the beginning

    /// <summary>One to three changes of any kind.</summary>
    public static byte[] Change(byte[] whole, Random chance)
    {
        var bytes = whole;
        for (var i = chance.Next(1, 4); i > 0; i--) bytes = Once(bytes, whole, chance);
        return bytes;
    }

    static byte[] Once(byte[] bytes, byte[] whole, Random chance)
    {
        if (bytes.Length == 0) return [(byte)chance.Next(256)];
        var reach = chance.Next(2) == 0 ? Math.Min(bytes.Length, Head) : bytes.Length;
        // and some things at the end
        var at = chance.Next(8) == 0 ? bytes.Length - 1 - chance.Next(Math.Min(bytes.Length, 64)) : chance.Next(reach);
        var length = Math.Min(chance.Next(1, chance.Next(3) == 0 ? bytes.Length + 1 : 40), bytes.Length - at);
        switch (chance.Next(9))
        {
            case 0: return bytes[..at];                                              // cut off
            case 1: return [.. bytes.AsSpan(0, at), .. bytes.AsSpan(at + length)];   // a piece cut out
            case 2: return [.. bytes.AsSpan(0, at + length), .. bytes.AsSpan(at)];   // a piece twice
            case 3:
                var from = chance.Next(whole.Length);
                return
                [
                    .. bytes.AsSpan(0, at), .. whole.AsSpan(from, Math.Min(length, whole.Length - from)),
                    .. bytes.AsSpan(at),
                ];
            case 4:
                return
                [
                    .. bytes.AsSpan(0, at),
                    .. Enumerable.Range(0, chance.Next(1, 40)).Select(_ => (byte)chance.Next(256)),
                    .. bytes.AsSpan(at),
                ];
        }
        var made = bytes.ToArray();
        switch (chance.Next(4))
        {
            case 0: made[at] ^= (byte)(1 << chance.Next(8)); break;
            case 1:
                for (var i = chance.Next(1, 6); i > 0; i--) made[chance.Next(reach)] = (byte)chance.Next(256);
                break;
            case 2: made.AsSpan(at, length).Fill((byte)(chance.Next(2) == 0 ? 0 : 255)); break;
            default: Number(made.AsSpan(at), chance); break;
        }
        return made;
    }

    // a length, perhaps, in either order of bytes
    static void Number(Span<byte> bytes, Random chance)
    {
        var value = Odd.Number(chance, 0);
        if (bytes.Length >= 8 && chance.Next(3) == 0) BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        else if (bytes.Length >= 4 && chance.Next(2) == 0)
            BinaryPrimitives.WriteInt32LittleEndian(bytes, unchecked((int)value));
        else if (bytes.Length >= 4) BinaryPrimitives.WriteInt32BigEndian(bytes, unchecked((int)value));
        else bytes[0] = (byte)value;
    }
}
