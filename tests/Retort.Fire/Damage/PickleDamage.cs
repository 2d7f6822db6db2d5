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
    public static byte[] Change(byte[] whole, Random random, int count = 1)
    {
        var (instructions, at) = (new List<byte[]>(), 0);
        for (; count > 0 && at < whole.Length; instructions.Add(whole[at..(at += Length(whole.AsSpan(at)))]))
            if (whole[at] == (byte)'.') count--;
        for (var i = random.Next(1, 4); i > 0; i--) Once(instructions, random);
        return [.. instructions.SelectMany(one => one), .. whole.AsSpan(at)];
    }

    /// <summary>One that was never written by anything.</summary>
    public static byte[] Made(Random random)
    {
        var instructions = new List<byte[]> { new byte[] { 0x80, (byte)random.Next(2, 6) } };
        for (var i = random.Next(1, 60); i > 0; i--) instructions.Add(Any(random));
        if (random.Next(4) == 0)
            instructions.AddRange(Enumerable.Repeat(random.Of(instructions), random.Next(1, 3000)));
        return [.. instructions.SelectMany(one => one), (byte)'.'];
    }

    static void Once(List<byte[]> instructions, Random random)
    {
        if (instructions.Count == 0) return;
        var at = random.Next(instructions.Count);
        switch (random.Next(6))
        {
            case 0: random.Shuffled(instructions); break;
            case 1: instructions.Insert(at, Any(random)); break;
            case 2: instructions[at] = Any(random); break;
            case 3:
                instructions[at] = [instructions[at][0], .. ByteDamage.Change(instructions[at][1..], random)];
                break;
            case 4 when instructions.FindIndex(at, IsNumber) is >= 0 and var number:
                instructions[number] = Number(random);
                break;
            default:
                var piece = instructions.GetRange(at, Math.Min(random.Next(1, 20), instructions.Count - at));
                for (var i = random.Next(1, 4); i > 0; i--) instructions.InsertRange(at, piece);
                break;
        }
    }

    static byte[] Any(Random random) => random.Next(9) switch
    {
        0 => Number(random),
        1 => Text(random.Next(3) == 0 ? "0" : OddValues.Text(random)),
        2 => [(byte)'c', .. Encoding.ASCII.GetBytes(random.Of(Names))],
        3 => [(byte)"qh"[random.Next(2)], (byte)random.Next(4)],
        4 => Tensor,
        5 => random.Next(3) switch
        {
            0 => [0x8d, .. BitConverter.GetBytes(OddValues.Number(random, 1))],
            1 => [(byte)'G', .. BitConverter.GetBytes(OddValues.Number(random, 1))],
            _ => [0x95, .. new byte[8]],
        },
        _ => [Plain[random.Next(Plain.Length)]],
    };

    static bool IsNumber(byte[] instruction) => instruction[0] is (byte)'K' or (byte)'M' or (byte)'J' or 0x8a;

    static byte[] Number(Random random)
    {
        var value = OddValues.Number(random, random.Next(8));
        return random.Next(4) switch
        {
            0 => [(byte)'K', (byte)value],
            1 => [(byte)'J', .. BitConverter.GetBytes(unchecked((int)value))],
            2 => [0x8a, 8, .. BitConverter.GetBytes(value)],
            _ =>
            [
                0x8a, (byte)random.Next(0, 20), .. BitConverter.GetBytes(value), .. BitConverter.GetBytes(value),
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
