using System.Text;

namespace Retort.Fire.Damage;

/// <summary>What a reader does not expect.</summary>
static class Odd
{
    /// <summary>A number at the edge of something, or near what it was.</summary>
    public static long Number(Random chance, long was) => chance.Next(12) switch
    {
        0 => 0,
        1 => -1,
        2 => 1,
        3 => int.MaxValue,
        4 => int.MinValue,
        5 => long.MaxValue,
        6 => long.MinValue,
        7 => uint.MaxValue,
        8 => unchecked(was * 2),
        9 => 1L << chance.Next(63),
        10 => chance.Next(100_000),
        _ => unchecked(was + chance.Next(-3, 4)),
    };

    /// <summary>A text of no, little or much length, with letters that have a meaning elsewhere.</summary>
    public static string Text(Random chance) => chance.Next(10) switch
    {
        0 => "",
        1 => "\0",
        2 => "../../x",
        3 => new('a', chance.Next(1, 5000)),
        4 => "\ud83d\ude00\u202e",
        5 => "{0}%s%n$(x)`x`",
        6 => "NaN",
        7 => "a\nb\r\n\tc",
        8 => "\uFFFD\"\\",
        _ => new([.. Enumerable.Range(0, chance.Next(1, 12)).Select(_ => (char)chance.Next(32, 127))]),
    };

    public static byte[] Bytes(Random chance)
    {
        if (chance.Next(3) == 0) return Encoding.UTF8.GetBytes(Text(chance));
        var bytes = new byte[chance.Next(0, 40)];
        chance.NextBytes(bytes);
        return bytes;
    }

    public static T Of<T>(this Random chance, IReadOnlyList<T> choices) => choices[chance.Next(choices.Count)];

    /// <summary>Takes one out, puts one in twice, or changes places.</summary>
    public static void Shuffled<T>(this Random chance, List<T> list)
    {
        if (list.Count == 0) return;
        var at = chance.Next(list.Count);
        switch (chance.Next(4))
        {
            case 0: list.RemoveAt(at); break;
            case 1: list.Insert(chance.Next(list.Count + 1), list[at]); break;
            case 2: list.AddRange(Enumerable.Repeat(list[at], chance.Next(1, 60))); break;
            default: var other = chance.Next(list.Count); (list[at], list[other]) = (list[other], list[at]); break;
        }
    }
}
