using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tensors.Files;

/// <summary>A table of a pickle, in its order; of equal keys the last counts.</summary>
sealed class PickledTable
{
    public List<KeyValuePair<object?, object?>> Pairs { get; } = new(0);
}

/// <summary>What is there and of no use here.</summary>
sealed record PickledOther(string What);

/// <summary>A run of numbers of one type, which tensors are windows on.</summary>
/// <param name="Type">Of each number.</param>
/// <param name="Key">Its name in the file.</param>
/// <param name="Count">How many numbers.</param>
sealed record PickledStorage(ScalarType Type, string Key, long Count)
{
    public int Size => Type switch
    {
        ScalarType.Float64 or ScalarType.Int64 => 8,
        ScalarType.Float32 or ScalarType.Int32 => 4,
        ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Int16 => 2,
        _ => 1,
    };

    public long Bytes => Count * Size;
}

/// <summary>A window on a storage: steps count numbers, not bytes. It has been checked to lie within.</summary>
sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Strides);

/// <summary>A name that a pickle may ask for, and what calling it leaves.</summary>
sealed class PickledGlobal(Func<object?[], object?> make)
{
    public object? Make(object?[] arguments) => make(arguments);
}

/// <summary>The names that are known in a state file, all of which make plain records; any other is refused.</summary>
sealed class PthGlobals(string path, Func<string, InvalidDataException> wrong)
{
    static readonly Dictionary<string, ScalarType> Storages = new()
    {
        ["DoubleStorage"] = ScalarType.Float64, ["FloatStorage"] = ScalarType.Float32, ["HalfStorage"] = ScalarType.Float16,
        ["BFloat16Storage"] = ScalarType.BFloat16, ["LongStorage"] = ScalarType.Int64, ["IntStorage"] = ScalarType.Int32,
        ["ShortStorage"] = ScalarType.Int16, ["CharStorage"] = ScalarType.Int8, ["ByteStorage"] = ScalarType.Byte, ["BoolStorage"] = ScalarType.Bool,
    };

    // what checkpoints hold beside tensors; read as a placeholder, whatever it is given
    static readonly HashSet<string> Placeholders =
    [
        "argparse.Namespace", "collections.Counter", "torch.Size", "torch.device",
        .. new[] { "dict", "list", "set", "int", "float" }.SelectMany(type => new[] { "builtins." + type, "__builtin__." + type }),
        "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar", "numpy.dtype", "_codecs.encode",
        .. new[] { "float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool" }.Select(type => "torch." + type),
    ];

    const int MostAxes = 16, LongestKey = 64, LongestName = 200;

    readonly Dictionary<string, object> _known = [];
    int _copied;
    readonly Dictionary<string, PickledStorage> _storages = [];

    /// <summary>All that tensors were made from so far, by key.</summary>
    public IReadOnlyDictionary<string, PickledStorage> Seen => _storages;

    /// <summary>What stands for a name; throws for one that is not known.</summary>
    public object Find(string module, string name)
    {
        if (module.Length + name.Length > LongestName) throw wrong($"it asks for something with a name of {module.Length + name.Length} letters, which is refused");
        var whole = $"{module}.{name}";
        if (_known.TryGetValue(whole, out var found)) return found;
        return _known[whole] = Made(module, name, whole) ?? throw Refused(whole);
    }

    /// <summary>A storage, as PyTorch refers to it: ('storage', its type, its key, where it was, how many numbers, …).</summary>
    public object Persistent(object? id)
    {
        if (id is not object?[] { Length: >= 5 } parts || parts is not ["storage", ScalarType type, string key, string, long count, ..])
            throw wrong("its pickle refers to something outside that is no storage of a known type");
        if (parts.Length > 5 && parts[5] is not null) throw wrong($"storage {key} is a window on another, as PyTorch stopped to write in 2017; save the file again with a newer one");
        if (key.Length > LongestKey) throw wrong($"a storage in it has a key of {key.Length} letters");
        if (count < 0 || count > long.MaxValue / 8) throw wrong($"storage {key} would have {count} numbers");
        var storage = new PickledStorage(type, key, count);
        if (!_storages.TryAdd(key, storage) && _storages[key] != storage) throw wrong($"storage {key} is described in two ways");
        return _storages[key];
    }

    object? Made(string module, string name, string whole) => whole switch
    {
        "collections.OrderedDict" or "collections.defaultdict" => new PickledGlobal(Table),
        "torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_tensor" => new PickledGlobal(Rebuilt),
        "torch._utils._rebuild_parameter" or "torch._utils._rebuild_parameter_with_state" => new PickledGlobal(Parameter),
        _ when module is "torch" or "torch.cuda" && Storages.TryGetValue(name, out var type) => type,
        _ when Placeholders.Contains(whole) => new PickledGlobal(_ => new PickledOther(whole)),
        _ => null,
    };

    // OrderedDict(), OrderedDict([[key, value], …]), defaultdict(factory)
    PickledTable Table(object?[] arguments)
    {
        var table = new PickledTable();
        if (arguments is not [List<object?> pairs]) return table;
        if ((_copied += pairs.Count) > Pickle.MostInstructions) throw wrong($"its tables have more than {Pickle.MostInstructions} entries");
        foreach (var pair in pairs)
        {
            var (key, value) = pair switch
            {
                object?[] { Length: 2 } tuple => (tuple[0], tuple[1]),
                List<object?> { Count: 2 } list => (list[0], list[1]),
                _ => throw wrong("an OrderedDict in it is made of something else than pairs"),
            };
            table.Pairs.Add(new(key, value));
        }
        return table;
    }

    PickledTensor Parameter(object?[] arguments) => arguments is [PickledTensor tensor, ..] ? tensor
        : throw wrong("a parameter in it is made of something else than a tensor");

    PickledTensor Rebuilt(object?[] arguments)
    {
        if (arguments is not [PickledStorage storage, long offset, object?[] shape, object?[] strides, ..])
            throw wrong("a tensor in it is not made of storage, offset, shape and steps");
        if (shape.Length != strides.Length || shape.Length > MostAxes) throw wrong($"a tensor on storage {storage.Key} has {shape.Length} axes and {strides.Length} steps");
        var (sizes, steps) = (Numbers(shape), Numbers(strides));
        if (offset < 0 || Last(offset, sizes, steps) is not { } last || last > storage.Count) throw wrong(
            $"a tensor of shape [{string.Join(", ", sizes)}] with steps [{string.Join(", ", steps)}] does not lie within the {storage.Count} numbers of storage {storage.Key}");
        return new PickledTensor(storage, offset, sizes, steps);
    }

    long[] Numbers(object?[] values)
    {
        var numbers = new long[values.Length];
        for (var i = 0; i < values.Length; i++)
            numbers[i] = values[i] is long and >= 0 and var number ? number : throw wrong("a tensor in it has a size or step that is not a whole number of at least 0");
        return numbers;
    }

    /// <summary>One past the last number that a window reaches; null where that does not fit, or it shows more numbers than there are to it.</summary>
    static long? Last(long offset, long[] sizes, long[] steps)
    {
        try
        {
            long count = 1, last = offset;
            for (var i = 0; i < sizes.Length; i++)
            {
                count = checked(count * sizes[i]);
                last = checked(last + (sizes[i] - 1) * steps[i]);
            }
            return sizes.Contains(0) ? offset : count <= checked(last - offset + 1) ? last + 1 : null;   // no number is shown twice
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    InvalidDataException Refused(string whole) => new(whole.StartsWith("__torch__", StringComparison.Ordinal)
        ? PthFile.Script(path)
        : $"{path} asks for {whole.OnOneLine()}, which is refused: of a .pth file Retort reads tensors and plain values, and runs nothing. "
            + "If the file is from a trusted source, load it in PyTorch and save the network's state_dict() alone.");
}
