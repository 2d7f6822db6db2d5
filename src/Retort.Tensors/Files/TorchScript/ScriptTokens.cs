namespace Retort.Tensors.Files.TorchScript;

/// <summary>The words of a program, read from first to last.</summary>
/// <param name="tokens">The words.</param>
/// <param name="invalid">Makes the exception, from the reason and the line.</param>
sealed class ScriptTokens(IReadOnlyList<ScriptToken> tokens, Func<string, int, InvalidDataException> invalid)
{
    const int MaxBlocks = 100;                                              // inside each other

    int _at;
    int _blocks;

    /// <summary>The line of the next word.</summary>
    public int Line => tokens[_at].Line;

    /// <summary>Where the next word starts in the program.</summary>
    public int Start => tokens[_at].Start;

    /// <summary>Where the last word ended.</summary>
    public int End => tokens[_at - 1].Start + tokens[_at - 1].Text.Length;

    /// <summary>Whether the last list of expressions ended with a comma: <c>(x,)</c> is a tuple.</summary>
    public bool EndedWithComma { get; set; }

    public bool Is(ScriptTokenKind kind) => tokens[_at].Kind == kind;

    public bool IsSign(string sign) => Is(ScriptTokenKind.Sign) && tokens[_at].Text == sign;

    public bool IsName(string name) => Is(ScriptTokenKind.Name) && tokens[_at].Text == name;

    public bool TakeIf(ScriptTokenKind kind)
    {
        if (!Is(kind)) return false;
        if (kind != ScriptTokenKind.End) _at++;
        return true;
    }

    public bool TakeIf(string word)
    {
        if (!IsSign(word) && !IsName(word)) return false;
        _at++;
        return true;
    }

    public void Take(string word)
    {
        if (!TakeIf(word)) throw Wrong();
    }

    public string TakeName() => Is(ScriptTokenKind.Name) ? tokens[_at++].Text : throw Wrong();

    public string TakeText() => Is(ScriptTokenKind.Text) ? tokens[_at++].Text : throw Wrong();

    public void TakeEndOfLine()
    {
        if (!TakeIf(ScriptTokenKind.NewLine)) throw Wrong();
    }

    /// <summary><c>:</c>, and the indented lines that follow.</summary>
    public void TakeBlock(Action parseLine)
    {
        Take(":");
        TakeEndOfLine();
        while (TakeIf(ScriptTokenKind.NewLine)) { }
        if (++_blocks > MaxBlocks) throw Wrong("blocks are nested too deep");
        if (!TakeIf(ScriptTokenKind.Indent)) throw Wrong();

        while (!TakeIf(ScriptTokenKind.Dedent))
            if (!TakeIf(ScriptTokenKind.NewLine)) parseLine();
        _blocks--;
    }

    /// <summary>The exception for the next word, which the grammar does not have there.</summary>
    public InvalidDataException Wrong()
    {
        var (kind, word) = (tokens[_at].Kind, tokens[_at].Text);
        return Wrong(word.Length > 0 ? $"'{word}' stands where the language has something else"
            : $"a line is not as the language has it ({kind})");
    }

    public InvalidDataException Wrong(string what) => invalid(what, Line);
}
