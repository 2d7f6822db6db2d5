namespace Retort.Tensors.Files.TorchScript;

/// <summary>
/// The names that the pickles of a TorchScript file may refer to: tensors, lists, and objects of the program's classes.
/// </summary>
/// <param name="program">The program, checked.</param>
/// <param name="path">The file, for messages.</param>
/// <param name="invalid">Makes the exception for a file that is not valid, from the reason.</param>
sealed class ScriptGlobals(ScriptProgram program, string path, Func<string, InvalidDataException> invalid)
    : IPickleGlobals
{
    static readonly HashSet<string> TensorNames =
    [
        "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_parameter", "collections.OrderedDict", "torch.device",
    ];

    static readonly HashSet<string> Lists =
        ["build_intlist", "build_tensorlist", "build_doublelist", "build_boollist"];

    // the instructions that libtorch writes and reads
    static readonly HashSet<byte> s_instructions =
    [
        0x80, .. "()].}0NKMJGXBtcRbQqrhjaesu"u8.ToArray(), 0x81, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a,
    ];

    readonly PthGlobals _tensors = new(path, invalid);

    /// <summary>The storages that tensors have referred to so far, by key.</summary>
    public IReadOnlyDictionary<string, PickledStorage> Storages => _tensors.Storages;

    public bool Allows(byte instruction) => s_instructions.Contains(instruction);

    public object LoadPersistent(object? id) => _tensors.LoadPersistent(id);

    public object Find(string module, string name)
    {
        var qualified = $"{module}.{name}";
        if (module == "torch.jit._pickle" && Lists.Contains(name))
            return new PickledGlobal(arguments => arguments is [List<object?> list] ? list : throw Wrong(qualified));
        if (qualified == "torch.jit._pickle.restore_type_tag")
            return new PickledGlobal(arguments => arguments is [var value, string] ? value : throw Wrong(qualified));

        var isStorage = module == "torch" && name.EndsWith("Storage", StringComparison.Ordinal);
        if (TensorNames.Contains(qualified) || isStorage) return _tensors.Find(module, name);
        if (program.Classes.TryGetValue(qualified, out var defined))
            return new PickledGlobal(arguments => new PickledObject(defined, arguments));

        throw invalid($"its values ask for {qualified}, which is not on the list of what they may refer to");
    }

    InvalidDataException Wrong(string name) => invalid($"its values call {name} with something else than it takes");
}

/// <summary>An object of a program's class.</summary>
/// <param name="class">Its class.</param>
/// <param name="arguments">What it was made with: nothing, except of a tuple with names.</param>
sealed class PickledObject(ScriptClass @class, IReadOnlyList<object?> arguments) : IPickledState
{
    public ScriptClass Class => @class;

    public IReadOnlyList<object?> Arguments => arguments;

    /// <summary>Its attributes by name, or what its <c>__setstate__</c> is called with.</summary>
    public object? State { get; set; }
}
