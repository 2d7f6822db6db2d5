namespace Retort.Tensors.Files.TorchScript;

/// <summary>
/// Checks the values of an archive against the types that the program declares: libtorch reads an attribute by its
/// position in the class, so an object of another class would be read beyond its end.
/// </summary>
/// <param name="program">The program.</param>
/// <param name="invalid">Makes the exception for a file that is not valid, from the reason.</param>
sealed class ScriptValues(ScriptProgram program, Func<string, InvalidDataException> invalid)
{
    const int MaxDepth = 100;

    readonly ScriptTypes _types = new(program);
    readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);

    /// <summary>Checks the value of <c>data.pkl</c>, which is a module.</summary>
    public void CheckModule(object? root)
    {
        if (root is not PickledObject module) throw invalid("its data is not a module");
        CheckObjects(module, 0);
    }

    /// <summary>Checks all objects in a value.</summary>
    void CheckObjects(object? value, int depth)
    {
        if (value is null or string or ValueType or PickledTensor || !_seen.Add(value)) return;
        if (depth > MaxDepth) throw invalid($"its values are more than {MaxDepth} inside each other");

        if (value is PickledObject made) CheckObject(made);
        IEnumerable<object?> parts = value switch
        {
            PickledObject { State: var state, Arguments: var arguments } => [state, .. arguments],
            PickledDict dict => dict.Pairs.SelectMany(pair => new[] { pair.Key, pair.Value }),
            IEnumerable<object?> list => list,
            _ => [],
        };
        foreach (var part in parts) CheckObjects(part, depth + 1);
    }

    void CheckObject(PickledObject made)
    {
        var defined = made.Class;
        if (defined.Methods.ContainsKey("__setstate__")) return;            // the program fills it in
        if (made.State is null && made.Arguments.Count > 0) throw invalid($"it makes a {defined.Name} with arguments");

        var state = made.State switch
        {
            null => new(),
            PickledDict dict => dict,
            _ => throw invalid($"an object of {defined.Name} has a state that is no mapping"),
        };
        var values = new Dictionary<string, object?>();
        foreach (var (key, value) in state.Pairs)
            if (key is not string name || !values.TryAdd(name, value) || !defined.Attributes.ContainsKey(name))
                throw invalid($"an object of {defined.Name} has an attribute that its class does not have, or twice");
        foreach (var (name, type) in defined.Attributes)
        {
            if (type is ScriptIndex { Value: ScriptName { Name: "Final" } }) continue;      // a constant of the program
            if (!values.TryGetValue(name, out var value))
                throw invalid($"{name} of an object of {defined.Name} is missing");
            if (!Fits(value, type, 0)) throw invalid($"{name} of an object of {defined.Name} is of another type");
        }
    }

    bool Fits(object? value, ScriptExpression type, int depth)
    {
        if (depth > MaxDepth) return false;
        if (_types.ClassOf(type) is { } defined)
            return value is PickledObject made && (ReferenceEquals(made.Class, defined) || defined.IsInterface);

        return type switch
        {
            ScriptName { Name: "Tensor" } => value is PickledTensor or null,
            ScriptName { Name: "int" } => value is long,
            ScriptName { Name: "float" } => value is double,
            ScriptName { Name: "bool" } => value is bool,
            ScriptName { Name: "str" } => value is string,
            ScriptName { Name: "NoneType" or "None" } => value is null,
            ScriptName { Name: "number" } => value is long or double,
            ScriptName { Name: "Device" } => value is PickledOpaque,
            ScriptIndex { Value: ScriptName { Name: "Optional" }, Items: [var inner] } =>
                value is null || Fits(value, inner, depth + 1),
            ScriptIndex { Value: ScriptName { Name: "List" }, Items: [var inner] } =>
                value is List<object?> list && list.TrueForAll(item => Fits(item, inner, depth + 1)),
            ScriptIndex { Value: ScriptName { Name: "Tuple" }, Items: var parts } =>
                value is object?[] tuple && FitAll(tuple, parts, depth),
            ScriptIndex { Value: ScriptName { Name: "Dict" }, Items: [var key, var inner] } =>
                value is PickledDict dict && dict.Pairs.TrueForAll(
                    pair => Fits(pair.Key, key, depth + 1) && Fits(pair.Value, inner, depth + 1)),
            _ => false,
        };
    }

    bool FitAll(object?[] values, IReadOnlyList<ScriptExpression> types, int depth)
    {
        if (types is [ScriptSequence { Items.Count: 0 }]) return values.Length == 0;
        return values.Length == types.Count && values.Zip(types).All(pair => Fits(pair.First, pair.Second, depth + 1));
    }
}
