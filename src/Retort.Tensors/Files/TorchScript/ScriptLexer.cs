using static System.FormattableString;

namespace Retort.Tensors.Files.TorchScript;

/// <summary>
/// Splits a program into words. It reads what libtorch writes and refuses the rest of the language: comments, joined
/// lines, other quotes, escapes of single bytes, and letters beyond ASCII, so that it cannot read another program than
/// libtorch does.
/// </summary>
/// <param name="text">The program.</param>
/// <param name="invalid">Makes the exception, from the reason and the line.</param>
sealed class ScriptLexer(string text, Func<string, int, InvalidDataException> invalid)
{
    const string Signs = "()[]{},:=.-";
    const string Escapes = "nt\\\"'";
    const int MaxIndent = 400;

    readonly List<ScriptToken> _tokens = [];
    readonly Stack<int> _indents = new([0]);
    int _position;
    int _line = 1;
    int _open;                                                              // brackets

    /// <summary>All words, the last one <see cref="ScriptTokenKind.End"/>.</summary>
    public IReadOnlyList<ScriptToken> Read()
    {
        StartLine();
        while (_position < text.Length) ReadToken();
        if (_open > 0) throw invalid("a bracket is not closed", _line);

        Add(ScriptTokenKind.NewLine, "");
        while (_indents.Pop() > 0) Add(ScriptTokenKind.Dedent, "");
        Add(ScriptTokenKind.End, "");
        return _tokens;
    }

    void ReadToken()
    {
        var letter = text[_position];
        if (letter == ' ') _position++;
        else if (letter == '\n') EndLine();
        else if (IsLetter(letter)) Add(ScriptTokenKind.Name, Take(letter => IsLetter(letter) || IsDigit(letter)));
        else if (IsDigit(letter)) ReadNumber();
        else if (letter == '"') ReadText();
        else if (letter == '-' && Next(1) == '>') AddSign("->");
        else if (Signs.Contains(letter, StringComparison.Ordinal)) AddSign(letter.ToString());
        else throw invalid($"the character {Describe(letter)} is not of the language that PyTorch writes", _line);
    }

    void EndLine()
    {
        _position++;
        if (_open == 0) Add(ScriptTokenKind.NewLine, "");
        _line++;
        if (_open == 0) StartLine();
    }

    // the spaces before a line are its block's depth; empty lines have none
    void StartLine()
    {
        var start = _position;
        while (Next(0) == ' ') _position++;
        if (Next(0) is '\n' or '\0') return;

        var indent = _position - start;
        if (indent > MaxIndent) throw invalid($"a line begins with more than {MaxIndent} spaces", _line);
        if (indent > _indents.Peek())
        {
            _indents.Push(indent);
            Add(ScriptTokenKind.Indent, "");
        }
        while (indent < _indents.Peek())
        {
            _indents.Pop();
            Add(ScriptTokenKind.Dedent, "");
        }
        if (indent != _indents.Peek()) throw invalid("a line begins at a depth of no block", _line);
    }

    void ReadNumber()
    {
        var start = _position;
        Take(IsDigit);
        if (Next(0) == '.')
        {
            _position++;
            Take(IsDigit);
        }
        if (Next(0) is 'e' or 'E')
        {
            _position++;
            if (Next(0) is '+' or '-') _position++;
            if (!IsDigit(Next(0))) throw invalid("a number breaks off", _line);
            Take(IsDigit);
        }
        if (IsLetter(Next(0)) || Next(0) == '.') throw invalid("a number is of an unknown kind", _line);
        Add(ScriptTokenKind.Number, text[start.._position]);
    }

    void ReadText()
    {
        var start = ++_position;
        while (Next(0) != '"')
        {
            if (Next(0) is < ' ' or > '~') throw invalid("a string breaks off, or has letters beyond ASCII", _line);
            if (Next(0) == '\\' && !Escapes.Contains(Next(1), StringComparison.Ordinal))
                throw invalid("a string spells letters in escapes", _line);
            _position += Next(0) == '\\' ? 2 : 1;
        }
        Add(ScriptTokenKind.Text, text[start.._position]);
        _position++;
    }

    void AddSign(string sign)
    {
        if (sign is "(" or "[" or "{") _open++;
        if (sign is ")" or "]" or "}" && --_open < 0) throw invalid("a bracket is closed that was not opened", _line);
        Add(ScriptTokenKind.Sign, sign);
        _position += sign.Length;
    }

    string Take(Func<char, bool> belongs)
    {
        var start = _position;
        while (belongs(Next(0))) _position++;
        return text[start.._position];
    }

    char Next(int offset) => _position + offset < text.Length ? text[_position + offset] : '\0';

    // the position is at the end of a name, number or string, and at the start of a sign
    void Add(ScriptTokenKind kind, string word) => _tokens.Add(
        new(kind, word, _line, kind == ScriptTokenKind.Sign ? _position : _position - word.Length));

    static bool IsLetter(char letter) => letter is '_' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z');

    static bool IsDigit(char letter) => letter is >= '0' and <= '9';

    static string Describe(char letter) => letter is > ' ' and <= '~' ? $"'{letter}'" : Invariant($"0x{(int)letter:x}");
}
