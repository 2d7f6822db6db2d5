namespace Retort.Tensors.Files.TorchScript;

/// <summary>Parses expressions. Types are written as expressions too.</summary>
static class ScriptExpressions
{
    const int MaxDepth = 200;                                               // what nests deeper is no network

    // they begin statements, and are no names
    static readonly HashSet<string> Keywords =
    [
        "class", "def", "if", "else", "while", "for", "in", "return", "pass", "import", "from", "with", "as", "not",
        "and", "or", "is", "lambda", "del", "raise", "assert", "break", "continue", "elif", "try", "except", "global",
        "yield",
    ];

    /// <summary>One expression.</summary>
    public static ScriptExpression Parse(ScriptTokens tokens) => Parse(tokens, 0);

    /// <summary>Expressions, separated by commas, up to the end of the line or a <c>=</c>.</summary>
    public static List<ScriptExpression> ParseList(ScriptTokens tokens)
    {
        var items = new List<ScriptExpression>();
        while (!tokens.Is(ScriptTokenKind.NewLine) && !tokens.IsSign("="))
        {
            items.Add(Parse(tokens));
            if (!tokens.TakeIf(",")) break;
        }
        return items;
    }

    static ScriptExpression Parse(ScriptTokens tokens, int depth)
    {
        var value = depth <= MaxDepth ? ParseFirst(tokens, depth) : throw TooDeep();
        while (value.Height <= MaxDepth)
        {
            var line = tokens.Line;
            if (tokens.TakeIf(".")) value = new ScriptAttribute(value, NameOf(tokens), line);
            else if (tokens.TakeIf("(")) value = new ScriptCall(value, ParseItems(tokens, ")", depth), line);
            else if (tokens.TakeIf("[")) value = new ScriptIndex(value, ParseItems(tokens, "]", depth), line);
            else return value;
        }
        throw TooDeep();

        InvalidDataException TooDeep() => tokens.Wrong($"more than {MaxDepth} expressions are inside each other");
    }

    static ScriptExpression ParseFirst(ScriptTokens tokens, int depth)
    {
        var line = tokens.Line;
        if (tokens.Is(ScriptTokenKind.Name)) return new ScriptName(NameOf(tokens), line);
        if (tokens.TakeIf(ScriptTokenKind.Number)) return new ScriptNumber(line);
        if (tokens.Is(ScriptTokenKind.Text)) return new ScriptText(tokens.TakeText(), line);
        if (tokens.TakeIf("-")) return new ScriptSequence([Parse(tokens, depth + 1)], line);
        if (tokens.TakeIf("[")) return new ScriptSequence(ParseItems(tokens, "]", depth), line);
        if (tokens.TakeIf("{")) return new ScriptSequence(ParseItems(tokens, "}", depth), line);
        if (!tokens.TakeIf("(")) throw tokens.Wrong();

        var items = ParseItems(tokens, ")", depth);
        return items is [var only] && !tokens.EndedWithComma ? only : new ScriptSequence(items, line);
    }

    // a, b, c) or key: value} or name=value): all values, in order
    static List<ScriptExpression> ParseItems(ScriptTokens tokens, string end, int depth)
    {
        var items = new List<ScriptExpression>();
        var comma = false;
        while (!tokens.TakeIf(end))
        {
            var item = Parse(tokens, depth + 1);
            if (end == ")" && item is ScriptName && tokens.TakeIf("=")) item = Parse(tokens, depth + 1);
            items.Add(item);
            if (end == "}")
            {
                tokens.Take(":");
                items.Add(Parse(tokens, depth + 1));
            }
            comma = tokens.TakeIf(",");
            if (!comma && !tokens.IsSign(end)) throw tokens.Wrong();
        }
        tokens.EndedWithComma = comma;
        return items;
    }

    static string NameOf(ScriptTokens tokens)
    {
        var name = tokens.TakeName();
        return Keywords.Contains(name) ? throw tokens.Wrong($"'{name}' is not a name that is judged here") : name;
    }
}
