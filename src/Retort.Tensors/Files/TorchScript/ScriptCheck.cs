namespace Retort.Tensors.Files.TorchScript;

/// <summary>
/// Checks the functions of a program: every call must be of an operator that <see cref="ScriptOperators"/> lists, or of
/// a function or method that the archive itself defines. So it follows which variables are objects and functions; what
/// it cannot follow is refused.
/// </summary>
/// <param name="program">The whole program.</param>
/// <param name="invalid">Makes the exception, from the reason and the line.</param>
sealed class ScriptCheck(ScriptProgram program, Func<string, int, InvalidDataException> invalid)
{
    readonly ScriptTypes _types = new(program);
    readonly Dictionary<string, ScriptValue> _variables = [];

    /// <summary>Checks a class and its methods.</summary>
    public void CheckClass(ScriptClass defined)
    {
        foreach (var (_, type) in defined.Attributes) CheckType(type);
        foreach (var value in defined.Constants) Evaluate(value);
        foreach (var (_, method) in defined.Methods) CheckFunction(method);
    }

    /// <summary>Checks a function.</summary>
    public void CheckFunction(ScriptFunction function)
    {
        _variables.Clear();
        foreach (var value in function.Defaults) Evaluate(value);
        foreach (var (name, type) in function.Parameters)
        {
            if (type is not null) CheckType(type);
            Assign(name, ScriptValue.Of(_types.ClassOf(type)), function.Line);
        }
        if (function.Returns is { } returns) CheckType(returns);
        Check(function.Body);
    }

    void Check(IReadOnlyList<ScriptStatement> statements)
    {
        foreach (var statement in statements)
        {
            if (statement is ScriptAssignment assignment) Check(assignment);
            if (statement is not ScriptBlock block) continue;

            foreach (var value in block.Values) Evaluate(value);
            Check(block.Body);
        }
    }

    void Check(ScriptAssignment assignment)
    {
        var values = assignment.Values.Select(Evaluate).ToList();
        if (assignment.Type is { } type)
        {
            CheckType(type);
            values = [ScriptValue.Of(_types.ClassOf(type))];                // of Optional[A] no method can be called
        }
        var pairwise = !assignment.IsLoop && values.Count == assignment.Targets.Count;
        for (var i = 0; i < assignment.Targets.Count; i++)
            switch (assignment.Targets[i])
            {
                case ScriptName { Name: var name }:
                    Assign(name, pairwise ? values[i] : ScriptValue.Plain, assignment.Line);
                    break;

                case ScriptAttribute target:
                    Evaluate(target);
                    break;

                default:
                    throw invalid("a value is assigned to something that is no variable", assignment.Line);
            }
    }

    // a variable is one thing throughout: a loop may come back to an earlier line
    void Assign(string name, ScriptValue value, int line)
    {
        if (ScriptOperators.Reserved.Contains(name)) throw invalid($"a variable has the name {name}", line);
        if (!_variables.TryAdd(name, value) && _variables[name] != value)
            throw invalid($"the variable {name} is an object and something else", line);
    }

    ScriptValue Evaluate(ScriptExpression expression) => expression switch
    {
        ScriptNumber or ScriptText => ScriptValue.Plain,
        ScriptName name => Evaluate(name),
        ScriptSequence { Items: var items } => EvaluateAll(items),
        ScriptIndex index => EvaluateAll([index.Value, .. index.Items]),
        ScriptAttribute attribute => Evaluate(attribute),
        ScriptCall call => Evaluate(call),
        _ => throw invalid("an expression is not known here", expression.Line),
    };

    ScriptValue EvaluateAll(IReadOnlyList<ScriptExpression> items)
    {
        foreach (var item in items) Evaluate(item);
        return ScriptValue.Plain;
    }

    ScriptValue Evaluate(ScriptName name) => _variables.TryGetValue(name.Name, out var value) ? value
        : ScriptOperators.Constants.Contains(name.Name) ? ScriptValue.Plain
        : throw invalid($"it names '{name.Name}', which is not on the list of what a program may use", name.Line);

    ScriptValue Evaluate(ScriptAttribute attribute)
    {
        if (GlobalPath(attribute) is { } path) return Global(path, attribute.Line);

        var owner = Evaluate(attribute.Value);
        return AttributeOf(owner, attribute.Name, attribute.Line);
    }

    // __torch__.a.B of this archive, or CONSTANTS.c0
    ScriptValue Global(string path, int line)
    {
        if (path.StartsWith("CONSTANTS.", StringComparison.Ordinal) && path.Count(letter => letter == '.') == 1)
            return ScriptValue.Plain;
        if (program.Functions.TryGetValue(path, out var function)) return new(null, function);
        return program.Classes.TryGetValue(path, out var defined) ? new(null, null, defined)
            : throw invalid($"it names '{path}', which is not on the list of what a program may use", line);
    }

    ScriptValue AttributeOf(ScriptValue owner, string name, int line)
    {
        if (owner.Object is not { } defined) throw invalid($"it reads '{name}' of a value of unknown type", line);
        return defined.Attributes.TryGetValue(name, out var type) ? ScriptValue.Of(_types.ClassOf(type))
            : throw invalid($"it reads '{name}' of {defined.Name}, which has no such attribute", line);
    }

    ScriptValue Evaluate(ScriptCall call)
    {
        var path = GlobalPath(call.Callee);
        if (path is null && call.Callee is ScriptName { Name: var name } && !_variables.ContainsKey(name))
            return EvaluateBuiltin(name, call);

        EvaluateAll(call.Arguments);
        if (path is not null && ScriptOperators.Contains(path)) return ScriptValue.Plain;
        if (path is not null && !path.StartsWith("__torch__.", StringComparison.Ordinal))
            throw invalid($"it calls '{path}', which is not on the list of what a program may call", call.Line);

        if (path is null && call.Callee is ScriptAttribute method) return CallMethod(method);
        var callee = Evaluate(call.Callee);
        if (callee.Class is { } made) return ScriptValue.Of(made);
        return callee.Function is { } function ? ScriptValue.Of(_types.ClassOf(function.Returns))
            : throw invalid("it calls a value that is no function of the program", call.Line);
    }

    ScriptValue CallMethod(ScriptAttribute callee)
    {
        if (Evaluate(callee.Value).Object is not { } owner)
            throw invalid($"it calls '{callee.Name}' of a value of unknown type", callee.Line);
        return owner.Methods.TryGetValue(callee.Name, out var method)
            ? ScriptValue.Of(_types.ClassOf(method.Returns))
            : throw invalid($"it calls '{callee.Name}' of {owner.Name}, which has no such method", callee.Line);
    }

    ScriptValue EvaluateBuiltin(string name, ScriptCall call)
    {
        switch (name, call.Arguments)
        {
            case ("annotate" or "uninitialized" or "unchecked_cast", [var type, ..]):
                CheckType(type);
                EvaluateAll([.. call.Arguments.Skip(1)]);
                if (name == "unchecked_cast" && _types.HasClass(type))
                    throw invalid("it takes a value for an object, unchecked", call.Line);
                return ScriptValue.Of(_types.ClassOf(type));

            case ("isinstance", [var value, var type]):
                CheckType(type);
                return EvaluateAll([value]);

            case ("getattr", [var owner, ScriptText { Text: var attribute }])
                when !attribute.Contains('\\', StringComparison.Ordinal):
                return AttributeOf(Evaluate(owner), attribute, call.Line);

            case ("getattr", _):
                throw invalid("it calls 'getattr' with a name that is not one string", call.Line);

            default:
                return ScriptOperators.Builtins.Contains(name) ? EvaluateAll(call.Arguments)
                    : throw invalid(
                        $"it calls '{name}', which is not on the list of what a program may call", call.Line);
        }
    }

    void CheckType(ScriptExpression type)
    {
        if (!_types.IsKnown(type)) throw invalid("it has a type that is not known here", type.Line);
    }

    // a dotted name whose first is no variable
    static string? GlobalPath(ScriptExpression expression) =>
        expression is ScriptAttribute && ScriptTypes.Path(expression) is { } path
            && ScriptOperators.Roots.Contains(path[..path.IndexOf('.', StringComparison.Ordinal)]) ? path : null;
}
