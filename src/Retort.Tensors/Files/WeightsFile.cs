namespace Retort.Tensors.Files;

/// <summary>Reads weights from a file of either format, and loads them into a network.</summary>
public static class WeightsFile
{
    const int MaxListed = 5;

    /// <summary>
    /// Reads a safetensors file or a PyTorch state file, told apart by their first bytes, on the CPU. The tensors
    /// belong to the caller's dispose scope, or to the caller.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">Limit for the tensors' bytes.</param>
    /// <param name="key">Which state_dict of a PyTorch file to read, if it holds several.</param>
    /// <exception cref="InvalidDataException">
    /// The file is of neither format, or damaged; the message says what is wrong.
    /// </exception>
    public static Dictionary<string, Tensor> Read(string path, long maxBytes = long.MaxValue, string? key = null)
    {
        if (PthFile.IsPthFile(path)) return PthFile.Read(path, maxBytes, key);

        return key is null ? SafeTensors.Read(path, maxBytes) : throw new InvalidDataException(
            $"{path} is no PyTorch state file, so there is no mapping '{key}' to choose in it.");
    }

    /// <summary>The path of a weights file: the path itself, or <c>model.safetensors</c> if it is a folder.</summary>
    /// <exception cref="InvalidDataException">There is no such file.</exception>
    public static string Resolve(string path)
    {
        var isFolder = Directory.Exists(path);
        var file = isFolder ? Path.Combine(path, "model.safetensors") : path;
        if (File.Exists(file)) return file;

        throw new InvalidDataException(isFolder
            ? $"{path} has no model.safetensors: a network's folder holds its weights under that name."
            : $"{path}: there is no such file.");
    }

    /// <summary>
    /// Overwrites a network's tensors in place. Names and shapes must be the same; values are converted to the
    /// network's types. Batch counters (<c>num_batches_tracked</c>) may be missing: files from before 2018 have none.
    /// </summary>
    /// <param name="into">The network's state_dict.</param>
    /// <param name="from">The tensors that were read.</param>
    /// <param name="source">Where they were read from, for the message.</param>
    /// <exception cref="InvalidDataException">
    /// The message lists the names that are missing, unknown, or of another shape or type.
    /// </exception>
    public static void LoadStateDict(
        IReadOnlyDictionary<string, Tensor> into, IReadOnlyDictionary<string, Tensor> from, string source)
    {
        var missing = into.Keys.Where(
            name => !from.ContainsKey(name) && !name.EndsWith("num_batches_tracked", StringComparison.Ordinal));
        var unknown = from.Keys.Where(name => !into.ContainsKey(name));
        var both = into.Where(pair => from.ContainsKey(pair.Key))
            .Select(pair => (Name: pair.Key, Own: pair.Value, Read: from[pair.Key]))
            .ToList();
        var ofOtherShape = both.Where(pair => !pair.Own.shape.SequenceEqual(pair.Read.shape))
            .Select(pair => $"{pair.Name} ({Shape.Text(pair.Read.shape)} in the file, "
                + $"{Shape.Text(pair.Own.shape)} in the network)");
        var ofOtherType = both.Where(pair => pair.Own.is_floating_point() != pair.Read.is_floating_point())
            .Select(pair => $"{pair.Name} ({pair.Read.dtype} in the file, {pair.Own.dtype} in the network)");

        List<string> problems =
        [
            .. Describe("missing", missing),
            .. Describe("unknown to the network", unknown),
            .. Describe("of another shape", ofOtherShape),
            .. Describe("of another type", ofOtherType),
        ];
        if (problems.Count > 0)
            throw new InvalidDataException($"{source} does not fit the network: {string.Join("; ", problems)}.");

        using var noGrad = no_grad();
        foreach (var (_, own, read) in both) own.copy_(read);
    }

    static IEnumerable<string> Describe(string problem, IEnumerable<string> names)
    {
        var all = names.Order(StringComparer.Ordinal).ToList();
        if (all.Count == 0) return [];

        var rest = all.Count > MaxListed ? $" and {all.Count - MaxListed} more" : "";
        return [$"{problem}: {string.Join(", ", all.Take(MaxListed)).OnOneLine()}{rest}"];
    }
}
