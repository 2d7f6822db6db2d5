using System.Text;

namespace Retort.Runtime.Features.Text;

/// <summary>
/// Reads the normalized words of a text, one after another: the runs of letters between spaces, and each punctuation
/// mark. Takes linear time and no memory but the buffer.
/// </summary>
ref struct WordReader
{
    readonly CharacterTable _table;
    readonly ReadOnlySpan<char> _text;
    readonly Span<char> _buffer;
    readonly int _maxCharacters;
    int _next;
    int _length;
    int _characters;

    /// <summary>Starts at the text's beginning.</summary>
    /// <param name="table">What is done with each character.</param>
    /// <param name="text">The text.</param>
    /// <param name="buffer">Room for <see cref="BufferLength"/> characters.</param>
    /// <param name="maxCharacters">The longest word, in code points, that is wanted.</param>
    public WordReader(CharacterTable table, ReadOnlySpan<char> text, Span<char> buffer, int maxCharacters)
    {
        _table = table;
        _text = text;
        _buffer = buffer;
        _maxCharacters = maxCharacters;
    }

    /// <summary>The current word; the beginning of one that is too long.</summary>
    public readonly ReadOnlySpan<char> Current => _buffer[.._length];

    /// <summary>Whether the current word has more characters than wanted.</summary>
    public readonly bool IsTooLong => _characters > _maxCharacters;

    /// <summary>The room that words of a length need.</summary>
    public static int BufferLength(int maxCharacters) => 2 * maxCharacters + CharacterTable.MaxExpansion;

    /// <summary>Reads the next word; false at the text's end.</summary>
    public bool Read()
    {
        (_length, _characters) = (0, 0);
        while (_next < _text.Length)
        {
            var character = _text[_next];
            switch (_table.Kind(character))
            {
                case CharacterKind.Letter:
                    Add(_table.Mapped(character));
                    break;
                case CharacterKind.Space when _length > 0:
                    _next++;
                    return true;
                case CharacterKind.Alone when _length > 0:
                    return true;
                case CharacterKind.Alone:
                    Add(_table.Mapped(character));
                    _next++;
                    return true;
                case CharacterKind.Letters:
                    Add(_table.Letters(character));
                    break;
                case CharacterKind.Other:
                    if (AddOther()) return true;
                    continue;
            }
            _next++;
        }
        return _length > 0;
    }

    void Add(char letter)
    {
        if (++_characters <= _maxCharacters) _buffer[_length++] = letter;
    }

    // A half of a surrogate pair is U+FFFD, which is removed. True where a word ends before this code point or with it.
    bool AddOther()
    {
        Span<char> letters = stackalloc char[CharacterTable.MaxExpansion];
        Rune.DecodeFromUtf16(_text[_next..], out var rune, out var consumed);
        var kind = _table.Expand(rune.Value, letters, out var length);
        if (kind is CharacterKind.Alone or CharacterKind.Space && _length > 0) return true;

        _next += consumed;
        if (kind is not (CharacterKind.Letter or CharacterKind.Alone)) return false;
        Add(letters[..length]);
        return kind == CharacterKind.Alone;
    }

    void Add(scoped ReadOnlySpan<char> letters)
    {
        foreach (var letter in letters.EnumerateRunes())
            if (++_characters <= _maxCharacters)
                _length += letter.EncodeToUtf16(_buffer[_length..]);
    }
}
