using System.Text;

namespace Retort.Tensors.Files.TorchScript;

/// <summary>
/// Parses one file of a program, in the language that libtorch writes: classes, functions, assignments, <c>if</c>,
/// <c>while</c>, <c>for</c>, <c>return</c> and expressions without infix operators, which are calls in it.
/// </summary>
/// <param name="text">The program.</param>
/// <param name="scope">The name before those of its classes and functions: <c>__torch__.torch.nn</c>.</param>
/// <param name="invalid">Makes the exception, from the reason and the line.</param>
sealed class ScriptParser(string text, string scope, Func<string, int, InvalidDataException> invalid)
{
    readonly ScriptTokens _tokens = new(new ScriptLexer(text, invalid).Read(), invalid);
    readonly List<ScriptClass> _classes = [];
    readonly List<(string Name, ScriptFunction Function)> _functions = [];
    readonly List<(int Start, int End)> _messages = [];

    /// <summary>
    /// The program without its messages: <c>print(…)</c> and <c>torch.warn(…)</c> are <c>pass</c>, since the console is
    /// not a teacher's.
    /// </summary>
    public string Quiet()
    {
        var quiet = new StringBuilder();
        var at = 0;
        foreach (var (start, end) in _messages)
        {
            quiet.Append(text, at, start - at).Append("pass");
            at = end;
        }
        return quiet.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>The classes and functions of the file, with their full names.</summary>
    public (IReadOnlyList<ScriptClass> Classes, IReadOnlyList<(string Name, ScriptFunction Function)> Functions) Parse()
    {
        while (!_tokens.Is(ScriptTokenKind.End))
        {
            if (_tokens.TakeIf(ScriptTokenKind.NewLine)) continue;
            if (_tokens.TakeIf("class")) ParseClass();
            else
            {
                var function = ParseFunction();
                _functions.Add(($"{scope}.{function.Name}", function));
            }
        }
        return (_classes, _functions);
    }

    void ParseClass()
    {
        var name = _tokens.TakeName();
        var kind = "";
        if (_tokens.TakeIf("("))
        {
            kind = _tokens.TakeName();
            _tokens.Take(")");
        }
        if (kind is not ("" or "Module" or "NamedTuple" or "Interface" or "ModuleInterface"))
            throw _tokens.Wrong($"the class {name} is of the kind {kind}, which is not judged here");

        var attributes = new Dictionary<string, ScriptExpression>();
        var methods = new Dictionary<string, ScriptFunction>();
        var constants = new List<ScriptExpression>();
        _tokens.TakeBlock(() => ParseMember(attributes, methods, constants));
        if (kind == "NamedTuple" && methods.Count > 0) throw _tokens.Wrong($"the tuple {name} has methods");
        _classes.Add(new($"{scope}.{name}", attributes, methods, constants, kind is "Interface" or "ModuleInterface"));
    }

    // def …, name : type, name : type = value, __annotations__["name"] = type, __parameters__ = [names]
    void ParseMember(
        Dictionary<string, ScriptExpression> attributes, Dictionary<string, ScriptFunction> methods,
        List<ScriptExpression> constants)
    {
        if (_tokens.TakeIf("pass"))
        {
            _tokens.TakeEndOfLine();
            return;
        }
        if (_tokens.IsName("def"))
        {
            var method = ParseFunction();
            if (!methods.TryAdd(method.Name, method)) throw _tokens.Wrong($"the method {method.Name} comes twice");
            return;
        }
        var name = _tokens.TakeName();
        if (_tokens.TakeIf(":"))
        {
            Add(name, ScriptExpressions.Parse(_tokens));
            if (_tokens.TakeIf("=")) constants.Add(ScriptExpressions.Parse(_tokens));
        }
        else if (name == "__annotations__" && _tokens.TakeIf("["))
        {
            var attribute = _tokens.TakeText();
            _tokens.Take("]");
            _tokens.Take("=");
            Add(attribute, ScriptExpressions.Parse(_tokens));
        }
        else
        {
            _tokens.Take("=");
            constants.Add(ScriptExpressions.Parse(_tokens));
        }
        _tokens.TakeEndOfLine();

        void Add(string attribute, ScriptExpression type)
        {
            if (!attributes.TryAdd(attribute, type)) throw _tokens.Wrong($"the attribute {attribute} comes twice");
        }
    }

    ScriptFunction ParseFunction()
    {
        var line = _tokens.Line;
        _tokens.Take("def");
        var name = _tokens.TakeName();
        var parameters = new List<(string, ScriptExpression?)>();
        var defaults = new List<ScriptExpression>();
        _tokens.Take("(");
        while (!_tokens.TakeIf(")"))
        {
            var parameter = _tokens.TakeName();
            parameters.Add((parameter, _tokens.TakeIf(":") ? ScriptExpressions.Parse(_tokens) : null));
            if (_tokens.TakeIf("=")) defaults.Add(ScriptExpressions.Parse(_tokens));
            if (!_tokens.TakeIf(",") && !_tokens.IsSign(")")) throw _tokens.Wrong();
        }
        var returns = _tokens.TakeIf("->") ? ScriptExpressions.Parse(_tokens) : null;
        return new(name, parameters, defaults, returns, ParseBody(), line);
    }

    List<ScriptStatement> ParseBody()
    {
        var statements = new List<ScriptStatement>();
        _tokens.TakeBlock(() => ParseStatement(statements));
        return statements;
    }

    void ParseStatement(List<ScriptStatement> statements)
    {
        var line = _tokens.Line;
        if (_tokens.TakeIf("if"))
        {
            var test = ScriptExpressions.Parse(_tokens);
            var body = ParseBody();
            if (_tokens.TakeIf("else")) body.AddRange(ParseBody());
            statements.Add(new ScriptBlock([test], body, line));
        }
        else if (_tokens.TakeIf("while"))
            statements.Add(new ScriptBlock([ScriptExpressions.Parse(_tokens)], ParseBody(), line));
        else if (_tokens.TakeIf("for"))
        {
            var variable = new ScriptName(_tokens.TakeName(), line);
            _tokens.Take("in");
            statements.Add(new ScriptAssignment([variable], [ScriptExpressions.Parse(_tokens)], IsLoop: true, line));
            statements.Add(new ScriptBlock([], ParseBody(), line));
        }
        else statements.Add(ParseLine(line));
    }

    ScriptStatement ParseLine(int line)
    {
        if (_tokens.TakeIf("pass"))
        {
            _tokens.TakeEndOfLine();
            return new ScriptBlock([], [], line);
        }
        var isReturn = _tokens.TakeIf("return");
        var start = _tokens.Start;
        var values = ScriptExpressions.ParseList(_tokens);
        if (!isReturn && values is [ScriptCall { Callee: var callee }] && _tokens.Is(ScriptTokenKind.NewLine)
            && ScriptTypes.Path(callee) is "print" or "torch.warn")
        {
            _messages.Add((start, _tokens.End));
            _tokens.TakeEndOfLine();
            return new ScriptBlock([], [], line);
        }
        var type = !isReturn && values.Count == 1 && _tokens.TakeIf(":") ? ScriptExpressions.Parse(_tokens) : null;
        if (isReturn || (type is null && !_tokens.TakeIf("=")))
        {
            _tokens.TakeEndOfLine();
            return new ScriptBlock(values, [], line);
        }
        if (type is not null) _tokens.Take("=");
        var assigned = ScriptExpressions.ParseList(_tokens);
        var assignment = new ScriptAssignment(values, assigned, IsLoop: false, line) { Type = type };
        _tokens.TakeEndOfLine();
        return assignment;
    }
}
