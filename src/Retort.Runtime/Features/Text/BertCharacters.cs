using System.Collections.Frozen;
using System.Globalization;

namespace Retort.Runtime.Features.Text;

/// <summary>What a BERT tokenizer does with a character.</summary>
[Flags]
enum BertCharacter : byte
{
    None = 0,

    /// <summary>Cleaning removes it.</summary>
    Removed = 1,

    /// <summary>It is a word of its own.</summary>
    Punctuation = 2,

    /// <summary>A nonspacing mark, which accent stripping removes.</summary>
    Mark = 4,
}

/// <summary>Properties of Unicode's characters as the tokenizers library of Hugging Face has them.</summary>
/// <remarks>
/// They are listed in <c>bert-characters.txt</c>, an embedded file, and not taken from .NET: its categories belong to a
/// newer Unicode, and its normalization does nothing in programs with InvariantGlobalization.
/// </remarks>
static class BertCharacters
{
    const int Limit = 0x110000;
    const int FirstSyllable = 0xac00;                                       // Hangul; Unicode standard, 3.12
    const int LastSyllable = 0xd7a3;

    static readonly BertCharacter[] s_plane = new BertCharacter[0x10000];
    static readonly List<(int First, int Last, BertCharacter Kind)> s_others = [];
    static readonly FrozenDictionary<int, string> s_withoutMarks = Read();

    /// <summary>What is done with a code point.</summary>
    public static BertCharacter Of(int codePoint)
    {
        if (codePoint < s_plane.Length) return s_plane[codePoint];

        foreach (var (first, last, kind) in s_others)
            if (codePoint >= first && codePoint <= last)
                return kind;
        return BertCharacter.None;
    }

    /// <summary>Whether the tokenizer puts spaces around a code point: the blocks of CJK ideographs.</summary>
    /// <remarks>The block from 2b820 to 2b91f is left out, as in the tokenizers library.</remarks>
    public static bool IsChinese(int codePoint) => codePoint is (>= 0x3400 and <= 0x4dbf) or (>= 0x4e00 and <= 0x9fff)
        or (>= 0xf900 and <= 0xfaff) or (>= 0x20000 and <= 0x2a6df) or (>= 0x2a700 and <= 0x2b81f)
        or (>= 0x2b920 and <= 0x2ceaf) or (>= 0x2f800 and <= 0x2fa1f);

    /// <summary>Decomposes a code point (NFD) and leaves out the marks.</summary>
    /// <param name="codePoint">One that is no mark itself.</param>
    /// <param name="into">Receives at most three characters of UTF-16, or two supplementary ones.</param>
    /// <returns>The count; 0 where the code point stays as it is.</returns>
    public static int WithoutMarks(int codePoint, Span<char> into)
    {
        if (codePoint is >= FirstSyllable and <= LastSyllable) return Jamo(codePoint - FirstSyllable, into);
        if (!s_withoutMarks.TryGetValue(codePoint, out var letters)) return 0;

        letters.CopyTo(into);
        return letters.Length;
    }

    static int Jamo(int syllable, Span<char> into)
    {
        const int Vowels = 21;
        const int Finals = 28;
        into[0] = (char)(0x1100 + syllable / (Vowels * Finals));
        into[1] = (char)(0x1161 + syllable / Finals % Vowels);
        if (syllable % Finals == 0) return 2;

        into[2] = (char)(0x11a7 + syllable % Finals);
        return 3;
    }

    static FrozenDictionary<int, string> Read()
    {
        var withoutMarks = new Dictionary<int, string>();
        using var stream = typeof(BertCharacters).Assembly.GetManifestResourceStream("bert-characters.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split(' ');
            if (fields[0] == "=") AddLetters(fields, withoutMarks);
            else if (fields[0] != "#") AddKind(fields);
        }
        return withoutMarks.ToFrozenDictionary();
    }

    static void AddKind(string[] fields)
    {
        var kind = fields[0] switch
        {
            "removed" => BertCharacter.Removed,
            "punctuation" => BertCharacter.Punctuation,
            _ => BertCharacter.Mark,
        };
        foreach (var field in fields.AsSpan(1))
        {
            var (first, last) = Range(field);
            for (var i = first; i <= last && i < s_plane.Length; i++) s_plane[i] |= kind;
            if (last >= s_plane.Length) s_others.Add((first, last, kind));
        }
    }

    static void AddLetters(string[] fields, Dictionary<int, string> withoutMarks)
    {
        var letters = string.Concat(fields[1].Split('+').Select(code => char.ConvertFromUtf32(Number(code))));
        foreach (var field in fields.AsSpan(2))
        {
            var (first, last) = Range(field);
            for (var i = first; i <= last && i < Limit; i++) withoutMarks[i] = letters;
        }
    }

    static (int First, int Last) Range(string field)
    {
        var dash = field.IndexOf('-', StringComparison.Ordinal);
        return dash < 0 ? (Number(field), Number(field)) : (Number(field[..dash]), Number(field[(dash + 1)..]));
    }

    static int Number(string code) => int.Parse(code, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
