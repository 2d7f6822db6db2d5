using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tensors.Files;

/// <summary>A network's weights from a file of either kind, and into a network whose names they have.</summary>
public static class WeightsFile
{
    const int MostNamed = 5;

    /// <summary>
    /// Reads a safetensors file or a PyTorch state file, told apart by their first bytes, on the CPU. The tensors belong to the
    /// scope they are read in, or to the caller.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="budget">The most bytes that its tensors may take.</param>
    /// <param name="key">Which mapping of a state file is meant, where it holds several.</param>
    /// <exception cref="InvalidDataException">It is neither, or a damaged one; the message says in what.</exception>
    public static Dictionary<string, Tensor> Read(string path, long budget = long.MaxValue, string? key = null)
    {
        if (PthFile.IsPthFile(path)) return PthFile.Read(path, budget, key);
        return key is null ? SafeTensors.Read(path, budget) : throw new InvalidDataException(
            $"{path} is no PyTorch state file, so there is no mapping '{key}' to choose in it.");
    }

    /// <summary>The file that is meant: itself, or <c>model.safetensors</c> in a folder; one sentence where it is missing.</summary>
    public static string Resolve(string path)
    {
        var folder = Directory.Exists(path);
        var file = folder ? Path.Combine(path, "model.safetensors") : path;
        if (File.Exists(file)) return file;
        throw new InvalidDataException(folder ? $"{path} has no model.safetensors: a network's folder holds its weights under that name." : $"{path}: there is no such file.");
    }

    /// <summary>
    /// Overwrites a network's tensors in place. Names and shapes must be the same on both sides; numbers are converted to the
    /// network's type. Counters of batches (<c>num_batches_tracked</c>) may be missing: files of before 2018 have none.
    /// </summary>
    /// <param name="into">The network's state.</param>
    /// <param name="from">What was read.</param>
    /// <param name="source">Where it was read from, for the message.</param>
    /// <exception cref="InvalidDataException">They differ; the message lists what is missing, unknown or of another shape.</exception>
    public static void LoadStateDict(IReadOnlyDictionary<string, Tensor> into, IReadOnlyDictionary<string, Tensor> from, string source)
    {
        var missing = into.Keys.Where(name => !from.ContainsKey(name) && !name.EndsWith("num_batches_tracked", StringComparison.Ordinal));
        var unknown = from.Keys.Where(name => !into.ContainsKey(name));
        var both = into.Where(pair => from.ContainsKey(pair.Key)).Select(pair => (pair.Key, Own: pair.Value, Read: from[pair.Key])).ToList();
        var unlike = both.Where(pair => !pair.Own.shape.SequenceEqual(pair.Read.shape))
            .Select(pair => $"{pair.Key} ([{string.Join(", ", pair.Read.shape)}] in the file, [{string.Join(", ", pair.Own.shape)}] in the network)");
        var typed = both.Where(pair => pair.Own.is_floating_point() != pair.Read.is_floating_point())
            .Select(pair => $"{pair.Key} ({pair.Read.dtype} in the file, {pair.Own.dtype} in the network)");
        List<string> wrong = [.. Said("missing", missing), .. Said("unknown to the network", unknown), .. Said("of another shape", unlike), .. Said("of another type", typed)];
        if (wrong.Count > 0) throw new InvalidDataException($"{source} does not fit the network: {string.Join("; ", wrong)}.");
        using var frozen = no_grad();
        foreach (var (_, own, read) in both) own.copy_(read);
    }

    static IEnumerable<string> Said(string what, IEnumerable<string> names)
    {
        var all = names.Order(StringComparer.Ordinal).ToList();
        if (all.Count == 0) return [];
        var rest = all.Count > MostNamed ? $" and {all.Count - MostNamed} more" : "";
        return [$"{what}: {string.Join(", ", all.Take(MostNamed)).OnOneLine()}{rest}"];
    }
}
