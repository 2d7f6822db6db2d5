using System.Text;

namespace Retort.Runtime.Features.Text;

/// <summary>How a character enters a word.</summary>
enum CharacterKind : byte
{
    /// <summary>It is left out.</summary>
    Removed,

    /// <summary>It ends a word.</summary>
    Space,

    /// <summary>One character of a word: <see cref="CharacterTable.Mapped"/>.</summary>
    Letter,

    /// <summary>A word of one character: <see cref="CharacterTable.Mapped"/>.</summary>
    Alone,

    /// <summary>Several characters of a word: <see cref="CharacterTable.Letters"/>.</summary>
    Letters,

    /// <summary>Half of a surrogate pair, or what becomes one: <see cref="CharacterTable.Expand"/>.</summary>
    Other,
}

/// <summary>
/// Cleaning, lower case, accents and word boundaries of a BERT tokenizer, character by character: what the tokenizers
/// library does in BertNormalizer and BertPreTokenizer.
/// </summary>
/// <remarks>
/// Lower case is .NET's mapping of single characters; it is that of the tokenizers library but for 55 letters of
/// Unicode 14 to 17. Marks that stay are not sorted by their combining class.
/// </remarks>
sealed class CharacterTable
{
    /// <summary>The most characters of UTF-16 that one code point becomes.</summary>
    public const int MaxExpansion = 8;

    readonly bool _lowerCase;
    readonly bool _stripAccents;
    readonly bool _splitChinese;
    readonly CharacterKind[] _kinds = new CharacterKind[0x10000];
    readonly char[] _mapped = new char[0x10000];
    readonly List<string> _letters = [];

    public CharacterTable(bool lowerCase, bool stripAccents, bool splitChinese)
    {
        (_lowerCase, _stripAccents, _splitChinese) = (lowerCase, stripAccents, splitChinese);
        Span<char> letters = stackalloc char[MaxExpansion];
        for (var i = 0; i < _kinds.Length; i++)
        {
            var (kind, length) = (CharacterKind.Other, 1);
            if (!char.IsSurrogate((char)i)) kind = Expand(i, letters, out length);
            _mapped[i] = letters[0];
            if (length > 1)
            {
                kind = kind == CharacterKind.Letter ? CharacterKind.Letters : CharacterKind.Other;
                _mapped[i] = (char)_letters.Count;
                if (kind == CharacterKind.Letters) _letters.Add(new(letters[..length]));
            }
            _kinds[i] = kind;
        }
    }

    /// <summary>How a character enters a word.</summary>
    public CharacterKind Kind(char character) => _kinds[character];

    /// <summary>The character that stands for one of the kinds Letter and Alone.</summary>
    public char Mapped(char character) => _mapped[character];

    /// <summary>The characters that stand for one of the kind Letters.</summary>
    public string Letters(char character) => _letters[_mapped[character]];

    /// <summary>Normalizes a code point.</summary>
    /// <param name="codePoint">The code point.</param>
    /// <param name="into">Receives its characters; room for <see cref="MaxExpansion"/>.</param>
    /// <param name="length">How many they are.</param>
    /// <returns>Removed, Space, Letter or Alone.</returns>
    public CharacterKind Expand(int codePoint, Span<char> into, out int length)
    {
        length = 0;
        var rune = new Rune(codePoint);
        if (codePoint is '\t' or '\n' or '\r') return CharacterKind.Space;
        if (BertCharacters.Of(codePoint).HasFlag(BertCharacter.Removed)) return CharacterKind.Removed;
        if (Rune.IsWhiteSpace(rune)) return CharacterKind.Space;
        if (_stripAccents && BertCharacters.Of(codePoint).HasFlag(BertCharacter.Mark)) return CharacterKind.Removed;

        if (_stripAccents) length = BertCharacters.WithoutMarks(codePoint, into);
        if (length == 0) length = rune.EncodeToUtf16(into);
        if (_lowerCase) length = Lower(into, length);
        return IsAlone(codePoint, into[..length]) ? CharacterKind.Alone : CharacterKind.Letter;
    }

    // a code point that becomes several has no punctuation among them
    bool IsAlone(int codePoint, ReadOnlySpan<char> letters)
    {
        if (_splitChinese && BertCharacters.IsChinese(codePoint)) return true;
        Rune.DecodeFromUtf16(letters, out var first, out _);
        return BertCharacters.Of(first.Value).HasFlag(BertCharacter.Punctuation);
    }

    static int Lower(Span<char> letters, int length)
    {
        const char CapitalWithDot = '\u0130';                               // the one that becomes two: i and a dot
        if (length == 1 && letters[0] == CapitalWithDot)
        {
            "i\u0307".CopyTo(letters);
            return 2;
        }
        for (var i = 0; i < length;)
        {
            Rune.DecodeFromUtf16(letters[i..length], out var rune, out _);
            i += Rune.ToLowerInvariant(rune).EncodeToUtf16(letters[i..]);
        }
        return length;
    }
}
