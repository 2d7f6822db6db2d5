using System.Buffers.Binary;
using System.Text;

namespace Retort.Fire.Damage;

/// <summary>
/// Damage to a pickle, instruction by instruction; and pickles made up of nothing else than instructions.
/// </summary>
static class PickleDamage
{
    static readonly string[] Names =
    [
        "collections\nOrderedDict\n", "torch._utils\n_rebuild_tensor_v2\n", "torch._utils\n_rebuild_parameter\n",
        "torch\nFloatStorage\n", "torch\nLongStorage\n",
        "torch\nHalfStorage\n", "os\nsystem\n", "builtins\neval\n", "__torch__.x\nNet\n", "torch\nSize\n",
        "collections\ndefaultdict\n", "numpy.core.multiarray\nscalar\n", "\n\n",
    ];

    static readonly byte[] Plain =
    [
        .. "(012N)]}tlda.esuQRb"u8, 0x88, 0x89, 0x85, 0x86, 0x87, 0x8f, 0x90, 0x91, 0x92, 0x93, 0x94, 0x81, 0x97,
    ];

    /// <summary>A tensor's usual way: a storage by its name, offset, shape, steps.</summary>
    static readonly byte[] Tensor =
    [
        .. "ctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storagectorch\nFloatStorage\n"u8,
        .. "X\u0001\0\0\00X\u0003\0\0\0cpuK\u0004tQK\0(K\u0004t(K\u0001t"u8,
        0x89,
        .. "NtR"u8,
    ];

    /// <summary>Changes the pickles at the beginning, <paramref name="count"/> of them; what follows stays.</summary>
    public static byte[] Change(byte[] whole, Random chance, int count = 1)
    {
        var (instructions, at) = (new List<byte[]>(), 0);
        for (; count > 0 && at < whole.Length; instructions.Add(whole[at..(at += Length(whole.AsSpan(at)))]))
            if (whole[at] == (byte)'.') count--;
        for (var i = chance.Next(1, 4); i > 0; i--) Once(instructions, chance);
        return [.. instructions.SelectMany(one => one), .. whole.AsSpan(at)];
    }

    /// <summary>One that was never written by anything.</summary>
    public static byte[] Made(Random chance)
    {
        var instructions = new List<byte[]> { new byte[] { 0x80, (byte)chance.Next(2, 6) } };
        for (var i = chance.Next(1, 60); i > 0; i--) instructions.Add(Any(chance));
        if (chance.Next(4) == 0)
            instructions.AddRange(Enumerable.Repeat(chance.Of(instructions), chance.Next(1, 3000)));
        return [.. instructions.SelectMany(one => one), (byte)'.'];
    }

    static void Once(List<byte[]> instructions, Random chance)
    {
        if (instructions.Count == 0) return;
        var at = chance.Next(instructions.Count);
        switch (chance.Next(6))
        {
            case 0: chance.Shuffled(instructions); break;
            case 1: instructions.Insert(at, Any(chance)); break;
            case 2: instructions[at] = Any(chance); break;
            case 3: instructions[at] = [instructions[at][0], .. Blind.Change(instructions[at][1..], chance)]; break;
            case 4 when instructions.FindIndex(at, IsNumber) is >= 0 and var number:
                instructions[number] = Number(chance);
                break;
            default:
                var piece = instructions.GetRange(at, Math.Min(chance.Next(1, 20), instructions.Count - at));
                for (var i = chance.Next(1, 4); i > 0; i--) instructions.InsertRange(at, piece);
                break;
        }
    }

    static byte[] Any(Random chance) => chance.Next(9) switch
    {
        0 => Number(chance),
        1 => Text(chance.Next(3) == 0 ? "0" : Odd.Text(chance)),
        2 => [(byte)'c', .. Encoding.ASCII.GetBytes(chance.Of(Names))],
        3 => [(byte)"qh"[chance.Next(2)], (byte)chance.Next(4)],
        4 => Tensor,
        5 => chance.Next(3) switch
        {
            0 => [0x8d, .. BitConverter.GetBytes(Odd.Number(chance, 1))],
            1 => [(byte)'G', .. BitConverter.GetBytes(Odd.Number(chance, 1))],
            _ => [0x95, .. new byte[8]],
        },
        _ => [Plain[chance.Next(Plain.Length)]],
    };

    static bool IsNumber(byte[] instruction) => instruction[0] is (byte)'K' or (byte)'M' or (byte)'J' or 0x8a;

    static byte[] Number(Random chance)
    {
        var value = Odd.Number(chance, chance.Next(8));
        return chance.Next(4) switch
        {
            0 => [(byte)'K', (byte)value],
            1 => [(byte)'J', .. BitConverter.GetBytes(unchecked((int)value))],
            2 => [0x8a, 8, .. BitConverter.GetBytes(value)],
            _ =>
            [
                0x8a, (byte)chance.Next(0, 20), .. BitConverter.GetBytes(value), .. BitConverter.GetBytes(value),
                .. new byte[4],
            ],
        };
    }

    static byte[] Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return [(byte)'X', .. BitConverter.GetBytes(bytes.Length), .. bytes];
    }

    /// <summary>Of the instruction that begins here, with what belongs to it.</summary>
    static int Length(ReadOnlySpan<byte> bytes) => Math.Min(bytes.Length, bytes[0] switch
    {
        0x80 or (byte)'K' or (byte)'q' or (byte)'h' => 2,
        (byte)'M' => 3,
        (byte)'J' or (byte)'r' or (byte)'j' => 5,
        (byte)'G' or 0x95 => 9,
        0x8a or 0x8c or (byte)'U' or (byte)'C' => 2 + bytes[1],
        (byte)'X' or (byte)'T' or (byte)'B' or 0x8b => 5 + BinaryPrimitives.ReadInt32LittleEndian(bytes[1..]),
        0x8d or 0x8e or 0x96 => 9 + (int)BinaryPrimitives.ReadInt64LittleEndian(bytes[1..]),
        (byte)'c' =>
            1 + bytes[1..].IndexOf((byte)'\n') is var first ? first + 2 + bytes[(first + 1)..].IndexOf((byte)'\n') : 1,
        _ => 1,
    });
}
