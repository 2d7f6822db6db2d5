using System.Text;

namespace Retort.Fire.Damage;

/// <summary>What a reader does not expect.</summary>
static class OddValues
{
    /// <summary>A number at the edge of something, or near what it was.</summary>
    public static long Number(Random random, long was) => random.Next(12) switch
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
        9 => 1L << random.Next(63),
        10 => random.Next(100_000),
        _ => unchecked(was + random.Next(-3, 4)),
    };

    /// <summary>A text of no, little or much length, with letters that have a meaning elsewhere.</summary>
    public static string Text(Random random) => random.Next(10) switch
    {
        0 => "",
        1 => "\0",
        2 => "../../x",
        3 => new('a', random.Next(1, 5000)),
        4 => "\ud83d\ude00\u202e",
        5 => "{0}%s%n$(x)`x`",
        6 => "NaN",
        7 => "a\nb\r\n\tc",
        8 => "\uFFFD\"\\",
        _ => new([.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => (char)random.Next(32, 127))]),
    };

    public static byte[] Bytes(Random random)
    {
        if (random.Next(3) == 0) return Encoding.UTF8.GetBytes(Text(random));
        var bytes = new byte[random.Next(0, 40)];
        random.NextBytes(bytes);
        return bytes;
    }

    public static T Of<T>(this Random random, IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];

    /// <summary>Takes one out, puts one in twice, or changes places.</summary>
    public static void Shuffled<T>(this Random random, List<T> list)
    {
        if (list.Count == 0) return;
        var at = random.Next(list.Count);
        switch (random.Next(4))
        {
            case 0: list.RemoveAt(at); break;
            case 1: list.Insert(random.Next(list.Count + 1), list[at]); break;
            case 2: list.AddRange(Enumerable.Repeat(list[at], random.Next(1, 60))); break;
            default: var other = random.Next(list.Count); (list[at], list[other]) = (list[other], list[at]); break;
        }
    }
}
