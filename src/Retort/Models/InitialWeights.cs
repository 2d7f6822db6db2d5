using Retort.Tensors.Files;

namespace Retort.Models;

/// <summary>Loads the weights that a network begins with.</summary>
static class InitialWeights
{
    /// <summary>What to do where a file does not fit.</summary>
    public const string Advice = "The file is of another architecture or of other sizes: a network begins with the "
        + "weights of the same network, of which only the classifier may have another shape.";

    /// <summary>
    /// Overwrites a network's weights with those of a file. A classifier of another shape is left as it was drawn.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="path">The file, or the folder of a network.</param>
    /// <param name="classifier">The beginning of the names of the classifier's parameters.</param>
    /// <exception cref="InvalidDataException">The weights do not fit; the message names them.</exception>
    public static void Load(Network network, string path, string classifier)
    {
        using var scope = torch.NewDisposeScope();
        var file = WeightsFile.Resolve(path);
        var state = network.state_dict();
        var backbone = state.Where(pair => !IsOf(classifier, pair.Key)).ToDictionary();
        var tensors = WeightsFile.WithoutPrefix(backbone, network.Rename(WeightsFile.Read(file), file), file);
        var head = state.Keys.Where(name => IsOf(classifier, name)).ToList();
        var fits = head.Count > 0 && head.TrueForAll(name =>
            tensors.TryGetValue(name, out var saved) && saved.shape.SequenceEqual(state[name].shape));
        var loaded = fits ? tensors : tensors.Where(pair => !IsOf(classifier, pair.Key)).ToDictionary();
        WeightsFile.LoadStateDict(fits ? state : backbone, loaded, file, Advice);
    }

    /// <summary>What a network begins with, in one line: the file, and what becomes of its classifier.</summary>
    public static string Describe(string path, string classifier, DatasetInfo info)
    {
        using var scope = torch.NewDisposeScope();
        var file = WeightsFile.Resolve(path);
        var tensors = WeightsFile.Read(file);
        var (weights, biases) = (RowsOf("weight", dimensions: 2), RowsOf("bias", dimensions: 1));
        var classes = info.Classes.Count;
        var what = (weights, biases) switch
        {
            _ when classes == 0 => "without its classifier, since the data has no classes",
            (0, 0) => Invariant($"with a new classifier of {classes} classes, since the file has none"),
            _ when weights != biases => Invariant(
                $"with a new classifier of {classes} classes, since the file's has {weights} rows and {biases} biases"),
            _ when weights == classes => Invariant($"with its classifier of {classes} classes"),
            _ => Invariant($"with a new classifier of {classes} classes in place of the file's {weights}"),
        };
        return $"begins with the weights of {Path.GetFileName(file).OnOneLine()}, {what}";

        // of the classifier's last layer; 0 where the file has no such tensor
        long RowsOf(string name, int dimensions) => tensors.LastOrDefault(pair => pair.Value.dim() == dimensions
            && pair.Key.EndsWith(name, StringComparison.Ordinal)
            && pair.Key.Contains(classifier, StringComparison.Ordinal)).Value?.shape[0] ?? 0;
    }

    static bool IsOf(string classifier, string name) => name.StartsWith(classifier, StringComparison.Ordinal);
}
