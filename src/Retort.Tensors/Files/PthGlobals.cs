namespace Retort.Tensors.Files;

/// <summary>
/// The names that the pickle of a state file may refer to. Each makes a plain record; any other name is refused.
/// </summary>
/// <param name="path">The file, for messages.</param>
/// <param name="invalid">Makes the exception for a file that is not valid, from the reason.</param>
sealed class PthGlobals(string path, Func<string, InvalidDataException> invalid) : IPickleGlobals
{
    /// <summary>
    /// Limit of a pickle: a tensor takes about 30 instructions, so this is enough for 60,000 tensors.
    /// </summary>
    public const int MaxInstructions = 2_000_000;

    const int MaxAxes = 16;
    const int MaxKeyLength = 64;
    const int MaxNameLength = 200;

    static readonly Dictionary<string, ScalarType> StorageTypes = new()
    {
        ["DoubleStorage"] = ScalarType.Float64,
        ["FloatStorage"] = ScalarType.Float32,
        ["HalfStorage"] = ScalarType.Float16,
        ["BFloat16Storage"] = ScalarType.BFloat16,
        ["LongStorage"] = ScalarType.Int64,
        ["IntStorage"] = ScalarType.Int32,
        ["ShortStorage"] = ScalarType.Int16,
        ["CharStorage"] = ScalarType.Int8,
        ["ByteStorage"] = ScalarType.Byte,
        ["BoolStorage"] = ScalarType.Bool,
    };

    // what checkpoints hold beside tensors: its arguments are read and ignored
    static readonly HashSet<string> Ignored =
    [
        "argparse.Namespace", "collections.Counter", "torch.Size", "torch.device",
        .. new[] { "dict", "list", "set", "int", "float" }
            .SelectMany(type => new[] { "builtins." + type, "__builtin__." + type }),
        "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar", "numpy.dtype", "_codecs.encode",
        .. new[]
            {
                "float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool",
            }
            .Select(type => "torch." + type),
    ];

    readonly Dictionary<string, object> _found = [];
    readonly Dictionary<string, PickledStorage> _storages = [];
    int _copiedPairs;

    /// <summary>The storages that tensors have referred to so far, by key.</summary>
    public IReadOnlyDictionary<string, PickledStorage> Storages => _storages;

    /// <summary>The sentence that refuses a TorchScript file.</summary>
    public static string TorchScriptRefusal(string path) =>
        $"{path} is a TorchScript program, not a file of weights: those are safetensors and what torch.save writes of "
        + "a network's state_dict(); a program is run by the teacher \"torchscript\" alone.";

    /// <summary>Any that the reader knows.</summary>
    public bool Allows(byte instruction) => true;

    public object Find(string module, string name)
    {
        var length = module.Length + name.Length;
        if (length > MaxNameLength)
            throw invalid($"it asks for something with a name of {length} letters, which is refused");

        var qualified = $"{module}.{name}";
        if (_found.TryGetValue(qualified, out var found)) return found;
        return _found[qualified] = Create(module, name, qualified) ?? throw Refusal(qualified);
    }

    /// <summary>The storage of an id ('storage', type, key, device, number of elements, …).</summary>
    public object LoadPersistent(object? id)
    {
        if (id is not object?[] { Length: >= 5 } tuple
            || tuple is not ["storage", ScalarType type, string key, string, long count, ..])
            throw invalid("its pickle refers to something outside that is no storage of a known type");
        if (tuple.Length > 5 && tuple[5] is not null)
            throw invalid($"storage {key} is a view of another, as PyTorch stopped to write in 2017; "
                + "save the file again with a newer one");
        if (key.Length > MaxKeyLength) throw invalid($"a storage in it has a key of {key.Length} letters");
        if (count < 0 || count > long.MaxValue / 8) throw invalid($"storage {key} would have {count} elements");

        var storage = new PickledStorage(type, key, count);
        if (!_storages.TryAdd(key, storage) && _storages[key] != storage)
            throw invalid($"storage {key} is described in two ways");
        return _storages[key];
    }

    object? Create(string module, string name, string qualified)
    {
        switch (qualified)
        {
            case "collections.OrderedDict" or "collections.defaultdict":
                return new PickledGlobal(CreateDict);

            case "torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_tensor":
                return new PickledGlobal(RebuildTensor);

            case "torch._utils._rebuild_parameter" or "torch._utils._rebuild_parameter_with_state":
                return new PickledGlobal(RebuildParameter);
        }

        if (module is "torch" or "torch.cuda" && StorageTypes.TryGetValue(name, out var type)) return type;
        return Ignored.Contains(qualified) ? new PickledGlobal(_ => new PickledOpaque(qualified)) : null;
    }

    // OrderedDict(), OrderedDict([[key, value], …]), defaultdict(factory)
    PickledDict CreateDict(object?[] arguments)
    {
        var dict = new PickledDict();
        if (arguments is not [List<object?> pairs]) return dict;

        _copiedPairs += pairs.Count;
        if (_copiedPairs > MaxInstructions) throw invalid($"its dicts have more than {MaxInstructions} entries");
        foreach (var pair in pairs)
        {
            var (key, value) = pair switch
            {
                object?[] { Length: 2 } tuple => (tuple[0], tuple[1]),
                List<object?> { Count: 2 } list => (list[0], list[1]),
                _ => throw invalid("an OrderedDict in it is made of something else than pairs"),
            };
            dict.Pairs.Add(new(key, value));
        }
        return dict;
    }

    PickledTensor RebuildParameter(object?[] arguments) => arguments is [PickledTensor tensor, ..]
        ? tensor : throw invalid("a parameter in it is made of something else than a tensor");

    PickledTensor RebuildTensor(object?[] arguments)
    {
        if (arguments is not [PickledStorage storage, long offset, object?[] shape, object?[] strides, ..])
            throw invalid("a tensor in it is not made of storage, offset, shape and strides");
        if (shape.Length != strides.Length || shape.Length > MaxAxes)
            throw invalid(
                $"a tensor on storage {storage.Key} has {shape.Length} axes and {strides.Length} strides");

        var sizes = ToIntegers(shape);
        var steps = ToIntegers(strides);
        if (offset < 0 || FindEnd(offset, sizes, steps) is not { } end || end > storage.Count)
            throw invalid($"a tensor of shape {Shape.Text(sizes)} with strides {Shape.Text(steps)} "
                + $"does not lie within the {storage.Count} elements of storage {storage.Key}");
        return new PickledTensor(storage, offset, sizes, steps);
    }

    long[] ToIntegers(object?[] values)
    {
        var integers = new long[values.Length];
        for (var i = 0; i < values.Length; i++)
            integers[i] = values[i] is long and >= 0 and var integer ? integer : throw invalid(
                "a tensor in it has a size or stride that is not a whole number of at least 0");
        return integers;
    }

    /// <summary>
    /// The index after the last element of a view; null on overflow, or if the view would show an element twice.
    /// </summary>
    static long? FindEnd(long offset, long[] sizes, long[] strides)
    {
        try
        {
            long count = 1;
            var last = offset;
            for (var i = 0; i < sizes.Length; i++)
            {
                count = checked(count * sizes[i]);
                last = checked(last + (sizes[i] - 1) * strides[i]);
            }
            if (sizes.Contains(0)) return offset;
            return count <= checked(last - offset + 1) ? last + 1 : null;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    InvalidDataException Refusal(string qualified) => new(qualified.StartsWith("__torch__", StringComparison.Ordinal)
        ? TorchScriptRefusal(path)
        : $"{path} asks for {qualified.OnOneLine()}, which is refused: of a .pth file Retort reads tensors and plain "
            + "values, and runs nothing. If the file is from a trusted source, load it in PyTorch and save the "
            + "network's state_dict() alone.");
}
