namespace Retort.Tensors.Files.TorchScript;

/// <summary>Types as a program writes them: <c>Tensor</c>, <c>Optional[List[int]]</c>, <c>__torch__.Tiny</c>.</summary>
/// <param name="program">Its classes.</param>
sealed class ScriptTypes(ScriptProgram program)
{
    static readonly HashSet<string> Plain =
    [
        "Tensor", "int", "float", "bool", "str", "number", "NoneType", "None", "Any", "Device", "Layout",
        "AnyList", "AnyTuple",
    ];

    static readonly HashSet<string> Generic = ["List", "Dict", "Tuple", "Optional", "Union", "Final"];

    /// <summary>Whether an expression is a type that is known here.</summary>
    public bool IsKnown(ScriptExpression type) => type switch
    {
        ScriptName { Name: var name } => Plain.Contains(name),
        ScriptIndex { Value: ScriptName { Name: var name }, Items: var items } => Generic.Contains(name)
            && items.All(item => IsKnown(item) || item is ScriptSequence { Items.Count: 0 }),
        _ => ClassOf(type) is not null,
    };

    /// <summary>Whether a class of the program is in a type.</summary>
    public bool HasClass(ScriptExpression type) =>
        type is ScriptIndex { Items: var items } ? items.Any(HasClass) : ClassOf(type) is not null;

    /// <summary>The class that a type is; null for another type.</summary>
    public ScriptClass? ClassOf(ScriptExpression? type) =>
        Path(type) is { } name ? program.Classes.GetValueOrDefault(name) : null;

    /// <summary>A dotted name as one text; null for another expression.</summary>
    public static string? Path(ScriptExpression? expression) => expression switch
    {
        ScriptName { Name: var name } => name,
        ScriptAttribute { Value: var value, Name: var name } => Path(value) is { } path ? $"{path}.{name}" : null,
        _ => null,
    };
}
