namespace Retort.Tensors.Files;

/// <summary>Reads weights from a file of any format, and loads them into a network.</summary>
public static class WeightsFile
{
    const int MaxListed = 5;

    const string TeacherAdvice = "The file is of another architecture, or of data with other images or classes; "
        + "exported as ONNX or TorchScript, any network is a teacher (\"onnx\", \"torchscript\").";

    /// <summary>
    /// Reads a safetensors file, a PyTorch state file or an HDF5 file, told apart by their first bytes, on the CPU. The
    /// tensors belong to the caller's dispose scope, or to the caller.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">Limit for the tensors' bytes.</param>
    /// <param name="key">Which state_dict of a PyTorch file to read, if it holds several.</param>
    /// <exception cref="InvalidDataException">
    /// The file is of no such format, or damaged; the message says what is wrong.
    /// </exception>
    public static Dictionary<string, Tensor> Read(string path, long maxBytes = long.MaxValue, string? key = null)
    {
        if (PthFile.IsPthFile(path)) return PthFile.Read(path, maxBytes, key);

        if (key is not null) throw new InvalidDataException(
            $"{path} is no PyTorch state file, so there is no mapping '{key}' to choose in it.");
        return Hdf5File.IsHdf5(path) ? Hdf5File.Read(path, maxBytes) : SafeTensors.Read(path, maxBytes);
    }

    /// <summary>
    /// The path of a weights file: the path itself; of a folder <c>model.safetensors</c>, or <c>pytorch_model.bin</c>
    /// where there is no such file, as in older folders of Hugging Face.
    /// </summary>
    /// <exception cref="InvalidDataException">There is no such file.</exception>
    public static string Resolve(string path)
    {
        var isFolder = Directory.Exists(path);
        var file = isFolder ? Path.Combine(path, "model.safetensors") : path;
        if (File.Exists(file)) return file;
        if (isFolder && Path.Combine(path, "pytorch_model.bin") is var older && File.Exists(older)) return older;

        throw new InvalidDataException(isFolder
            ? $"{path} has no model.safetensors: a network's folder holds its weights under that name."
            : $"{path}: there is no such file.");
    }

    /// <summary>
    /// Overwrites a network's tensors in place. Names and shapes must be the same; values are converted to the
    /// network's types, whole numbers also from floating-point ones (<c>module.half()</c> converts counters too). A
    /// prefix that all names have (<c>model.</c>, <c>net.</c>) is left out if they are the network's without it. Batch
    /// counters (<c>num_batches_tracked</c>) may be missing: files from before 2018 have none.
    /// </summary>
    /// <param name="into">The network's state_dict.</param>
    /// <param name="from">The tensors that were read.</param>
    /// <param name="source">Where they were read from, for the message.</param>
    /// <param name="advice">What to do where the file is of another network; unless given, that for a teacher.</param>
    /// <exception cref="InvalidDataException">
    /// The message lists the names that are missing, unknown, or of another shape or type.
    /// </exception>
    public static void LoadStateDict(IReadOnlyDictionary<string, Tensor> into,
        IReadOnlyDictionary<string, Tensor> from, string source, string? advice = null)
    {
        var (prefix, matches) = FindPrefix(into, from);
        if (matches) from = from.ToDictionary(pair => pair.Key[prefix!.Length..], pair => pair.Value);
        var missing = into.Keys.Where(
            name => !from.ContainsKey(name) && !IsCounter(name));
        var unknown = from.Keys.Where(name => !into.ContainsKey(name));
        var both = into.Where(pair => from.ContainsKey(pair.Key))
            .Select(pair => (Name: pair.Key, Own: pair.Value, Read: from[pair.Key]))
            .ToList();
        var ofOtherShape = both.Where(pair => !pair.Own.shape.SequenceEqual(pair.Read.shape))
            .Select(pair => $"{pair.Name} ({Shape.Text(pair.Read.shape)} in the file, "
                + $"{Shape.Text(pair.Own.shape)} in the network)");
        var ofOtherType = both.Where(pair => !CanConvert(pair.Read, pair.Own))
            .Select(pair => $"{pair.Name} ({pair.Read.dtype} in the file, {pair.Own.dtype} in the network)");

        List<string> problems =
        [
            .. Describe("missing", missing),
            .. Describe("unknown to the network", unknown),
            .. Describe("of another shape", ofOtherShape),
            .. Describe("of another type", ofOtherType),
        ];
        if (problems.Count > 0)
        {
            var hint = prefix is null || matches ? "." : "; all of the network's names are in it behind "
                + $"\"{prefix.OnOneLine()}\", which the option \"prefix\" can state.";
            var isOther = hint == "." && both.TrueForAll(pair => CanConvert(pair.Read, pair.Own));
            throw new InvalidDataException(
                $"{source} does not fit the network: {string.Join("; ", problems)}{hint}"
                + (isOther ? $" {advice ?? TeacherAdvice}" : ""));
        }

        using var noGrad = no_grad();
        foreach (var (_, own, read) in both) own.copy_(read);
    }

    /// <summary>The tensors whose names begin with a prefix, by the rest of their names.</summary>
    /// <exception cref="InvalidDataException">There are none.</exception>
    public static Dictionary<string, Tensor> WithPrefix(
        IReadOnlyDictionary<string, Tensor> tensors, string prefix, string source)
    {
        var found = tensors.Where(pair => IsBehind(pair.Key, prefix))
            .ToDictionary(pair => pair.Key[prefix.Length..], pair => pair.Value);
        return found.Count > 0 ? found : throw new InvalidDataException(
            $"{source} has no name that begins with \"{prefix}\"; it has "
            + $"{string.Join(", ", tensors.Keys.Order(StringComparer.Ordinal).Take(MaxListed)).OnOneLine()}, ….");
    }

    /// <summary>
    /// The tensors by the network's names: the prefix that all names have (<c>model.</c>) is left out if the network's
    /// names are behind it.
    /// </summary>
    /// <param name="into">Tensors of the network, all of which must be in the file.</param>
    /// <param name="from">The tensors that were read.</param>
    /// <param name="source">Where they were read from, for the message.</param>
    /// <exception cref="InvalidDataException">The file has other names than those behind the prefix.</exception>
    public static IReadOnlyDictionary<string, Tensor> WithoutPrefix(
        IReadOnlyDictionary<string, Tensor> into, IReadOnlyDictionary<string, Tensor> from, string source)
    {
        var (prefix, matches) = FindPrefix(into, from);
        if (prefix is null) return from;
        if (matches) return from.ToDictionary(pair => pair.Key[prefix.Length..], pair => pair.Value);

        throw new InvalidDataException($"{source} has the network's names behind \"{prefix.OnOneLine()}\", and other "
            + "names too: save the state_dict of this network alone.");
    }

    /// <summary>
    /// Whether tensors have the names of a network and no others, apart from a prefix that all names have and batch
    /// counters.
    /// </summary>
    /// <param name="into">The network's state_dict.</param>
    /// <param name="from">The tensors that were read.</param>
    public static bool HasNamesOf(
        IReadOnlyDictionary<string, Tensor> into, IReadOnlyDictionary<string, Tensor> from)
    {
        var prefix = FindPrefix(into, from).Prefix ?? "";
        return into.Keys.Where(name => !IsCounter(name)).Select(name => prefix + name).ToHashSet().SetEquals(
            from.Keys.Where(name => !IsCounter(name)));
    }

    // The prefix behind which all of the network's names are found; and whether the file has no other names. A wrapper
    // of a network (a Lightning module, a class with an attribute "model") puts its attribute before all of them.
    static (string? Prefix, bool Matches) FindPrefix(
        IReadOnlyDictionary<string, Tensor> into, IReadOnlyDictionary<string, Tensor> from)
    {
        var needed = into.Keys.Where(name => !IsCounter(name)).ToList();
        if (needed.Count == 0 || needed.TrueForAll(from.ContainsKey)) return (null, false);

        foreach (var name in from.Keys.Where(name => name.EndsWith("." + needed[0], StringComparison.Ordinal)))
        {
            var prefix = name[..^needed[0].Length];
            if (needed.TrueForAll(own => from.ContainsKey(prefix + own)))
                return (prefix, from.Keys.All(name => IsBehind(name, prefix)));
        }
        return (null, false);
    }

    static bool IsBehind(string name, string prefix) =>
        name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal);

    static bool IsCounter(string name) => name.EndsWith("num_batches_tracked", StringComparison.Ordinal);

    // floating-point numbers become whole ones only where they are whole
    static bool CanConvert(Tensor read, Tensor own)
    {
        if (read.is_floating_point() == own.is_floating_point()) return true;
        if (own.is_floating_point() || own.dtype == ScalarType.Bool) return false;

        using var scope = NewDisposeScope();
        var numbers = read.to(ScalarType.Float64);
        return numbers.isfinite().all().ToBoolean() && numbers.round().eq(numbers).all().ToBoolean();
    }

    static IEnumerable<string> Describe(string problem, IEnumerable<string> names)
    {
        var all = names.Order(StringComparer.Ordinal).ToList();
        if (all.Count == 0) return [];

        var rest = all.Count > MaxListed ? $" and {all.Count - MaxListed} more" : "";
        return [$"{problem}: {string.Join(", ", all.Take(MaxListed)).OnOneLine()}{rest}"];
    }
}
