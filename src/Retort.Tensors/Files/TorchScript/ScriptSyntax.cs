namespace Retort.Tensors.Files.TorchScript;

/// <summary>One of the words of a program's text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As written; of a string without its quotes.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Start">Its place in the program, without quotes.</param>
readonly record struct ScriptToken(ScriptTokenKind Kind, string Text, int Line, int Start);

enum ScriptTokenKind
{
    Name,
    Number,
    Text,
    Sign,
    NewLine,
    Indent,
    Dedent,
    End,
}

/// <summary>An expression of a program.</summary>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Height">Expressions inside each other, itself counted.</param>
abstract record ScriptExpression(int Line, int Height)
{
    /// <summary>The height of an expression that has these parts.</summary>
    protected static int Over(ScriptExpression value, IReadOnlyList<ScriptExpression> items) =>
        1 + Math.Max(value.Height, Highest(items));

    /// <summary>The largest height of these; 0 of none.</summary>
    protected static int Highest(IReadOnlyList<ScriptExpression> items) =>
        items.Select(item => item.Height).DefaultIfEmpty().Max();
}

/// <summary>A variable, or the first name of a dotted one.</summary>
sealed record ScriptName(string Name, int Line) : ScriptExpression(Line, 1);

/// <summary>A number.</summary>
sealed record ScriptNumber(int Line) : ScriptExpression(Line, 1);

/// <summary>A string.</summary>
sealed record ScriptText(string Text, int Line) : ScriptExpression(Line, 1);

/// <summary>A list, tuple or dict.</summary>
sealed record ScriptSequence(IReadOnlyList<ScriptExpression> Items, int Line)
    : ScriptExpression(Line, 1 + Highest(Items));

/// <summary><c>value.name</c></summary>
sealed record ScriptAttribute(ScriptExpression Value, string Name, int Line)
    : ScriptExpression(Line, 1 + Value.Height);

/// <summary><c>value[items]</c></summary>
sealed record ScriptIndex(ScriptExpression Value, IReadOnlyList<ScriptExpression> Items, int Line)
    : ScriptExpression(Line, Over(Value, Items));

/// <summary><c>callee(argument, name=argument)</c>; the names of arguments do not matter here.</summary>
sealed record ScriptCall(ScriptExpression Callee, IReadOnlyList<ScriptExpression> Arguments, int Line)
    : ScriptExpression(Line, Over(Callee, Arguments));

/// <summary>A statement of a function.</summary>
/// <param name="Line">Its line, from 1.</param>
abstract record ScriptStatement(int Line);

/// <summary>Values that are computed, returned, or tested; with the statements of the blocks that follow.</summary>
sealed record ScriptBlock(
    IReadOnlyList<ScriptExpression> Values, IReadOnlyList<ScriptStatement> Body, int Line) : ScriptStatement(Line);

/// <summary><c>targets = values</c>, and the head of a <c>for</c>, whose values are iterated.</summary>
sealed record ScriptAssignment(
    IReadOnlyList<ScriptExpression> Targets, IReadOnlyList<ScriptExpression> Values, bool IsLoop, int Line)
    : ScriptStatement(Line)
{
    /// <summary>The type that is stated of the only target; null where none is.</summary>
    public ScriptExpression? Type { get; init; }
}

/// <summary>A function or method.</summary>
/// <param name="Name">Its name, without its class.</param>
/// <param name="Parameters">Names, with their types; null where a type is missing.</param>
/// <param name="Defaults">Default values of the parameters.</param>
/// <param name="Returns">The type of the result; null where it is missing.</param>
/// <param name="Body">Its statements.</param>
/// <param name="Line">Its line, from 1.</param>
sealed record ScriptFunction(
    string Name, IReadOnlyList<(string Name, ScriptExpression? Type)> Parameters,
    IReadOnlyList<ScriptExpression> Defaults, ScriptExpression? Returns, IReadOnlyList<ScriptStatement> Body, int Line);

/// <summary>A class.</summary>
/// <param name="Name">Its full name, such as <c>__torch__.torch.nn.modules.linear.Linear</c>.</param>
/// <param name="Attributes">The types of its attributes, by name.</param>
/// <param name="Methods">Its methods, by name.</param>
/// <param name="Constants">Values in its body.</param>
/// <param name="IsInterface">Whether it only declares methods, which classes with other attributes have.</param>
sealed record ScriptClass(
    string Name, IReadOnlyDictionary<string, ScriptExpression> Attributes,
    IReadOnlyDictionary<string, ScriptFunction> Methods, IReadOnlyList<ScriptExpression> Constants, bool IsInterface);
