using System.Buffers.Binary;

namespace Retort.Fire.Damage;

/// <summary>Damage that knows nothing of the format.</summary>
static class ByteDamage
{
    const int Head = 600;                                                  // headers stand at the beginning

    /// <summary>One to three changes of any kind.</summary>
    public static byte[] Change(byte[] whole, Random random)
    {
        var bytes = whole;
        for (var i = random.Next(1, 4); i > 0; i--) bytes = Once(bytes, whole, random);
        return bytes;
    }

    static byte[] Once(byte[] bytes, byte[] whole, Random random)
    {
        if (bytes.Length == 0) return [(byte)random.Next(256)];
        var reach = random.Next(2) == 0 ? Math.Min(bytes.Length, Head) : bytes.Length;
        // and some things at the end
        var at = random.Next(8) == 0 ? bytes.Length - 1 - random.Next(Math.Min(bytes.Length, 64)) : random.Next(reach);
        var length = Math.Min(random.Next(1, random.Next(3) == 0 ? bytes.Length + 1 : 40), bytes.Length - at);
        switch (random.Next(9))
        {
            case 0: return bytes[..at];                                              // cut off
            case 1: return [.. bytes.AsSpan(0, at), .. bytes.AsSpan(at + length)];   // a piece cut out
            case 2: return [.. bytes.AsSpan(0, at + length), .. bytes.AsSpan(at)];   // a piece twice
            case 3:
                var from = random.Next(whole.Length);
                return
                [
                    .. bytes.AsSpan(0, at), .. whole.AsSpan(from, Math.Min(length, whole.Length - from)),
                    .. bytes.AsSpan(at),
                ];
            case 4:
                return
                [
                    .. bytes.AsSpan(0, at),
                    .. Enumerable.Range(0, random.Next(1, 40)).Select(_ => (byte)random.Next(256)),
                    .. bytes.AsSpan(at),
                ];
        }
        var made = bytes.ToArray();
        switch (random.Next(4))
        {
            case 0: made[at] ^= (byte)(1 << random.Next(8)); break;
            case 1:
                for (var i = random.Next(1, 6); i > 0; i--) made[random.Next(reach)] = (byte)random.Next(256);
                break;
            case 2: made.AsSpan(at, length).Fill((byte)(random.Next(2) == 0 ? 0 : 255)); break;
            default: Number(made.AsSpan(at), random); break;
        }
        return made;
    }

    // a length, perhaps, in either order of bytes
    static void Number(Span<byte> bytes, Random random)
    {
        var value = OddValues.Number(random, 0);
        if (bytes.Length >= 8 && random.Next(3) == 0) BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        else if (bytes.Length >= 4 && random.Next(2) == 0)
            BinaryPrimitives.WriteInt32LittleEndian(bytes, unchecked((int)value));
        else if (bytes.Length >= 4) BinaryPrimitives.WriteInt32BigEndian(bytes, unchecked((int)value));
        else bytes[0] = (byte)value;
    }
}
