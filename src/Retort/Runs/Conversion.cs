using System.Text.Json.Nodes;
using Retort.Tensors.Files;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>Converts weights from one kind of file to another; every value keeps its type and its bits.</summary>
public static class Conversion
{
    /// <summary>
    /// Reads a safetensors file, a PyTorch state file or a network's folder, and writes a safetensors file. Where the
    /// target is a folder with a <c>config.json</c>, names and shapes must be those of its network; batch counters that
    /// the file lacks, as files from before 2018 do, are written as 0. Nothing is overwritten. An exported student is
    /// refused as a target: its graphs would keep their own weights.
    /// </summary>
    /// <param name="from">A file, or a folder with <c>model.safetensors</c>.</param>
    /// <param name="to">A file <c>.safetensors</c>, or a folder that gets <c>model.safetensors</c>.</param>
    /// <param name="key">The mapping to take from a state file that holds several.</param>
    public static ConversionResult Run(string from, string to, string? key = null)
    {
        var source = WeightsFile.Resolve(from);
        var target = TargetFile(to);
        if (File.Exists(target)) throw new InvalidOperationException(
            $"{target} is there already: choose another name, or remove it first.");

        using var scope = NewDisposeScope();
        var tensors = WeightsFile.Read(source, key: key);
        if (Path.GetFileName(target) == NetworkFiles.Weights)
            FitToNetwork(Path.GetDirectoryName(Path.GetFullPath(target))!, tensors, source);
        // readers for PyTorch require the format
        SafeTensors.Write(target, tensors, new Dictionary<string, string> { ["format"] = "pt" });

        var types = tensors.Values.Select(tensor => tensor.dtype.ToString()).Distinct().Order(StringComparer.Ordinal);
        return new(target, tensors.Count, tensors.Values.Sum(tensor => tensor.numel()), [.. types],
            FileHash.Sha256(target));
    }

    static string TargetFile(string to)
    {
        if (Directory.Exists(to) || Path.EndsInDirectorySeparator(to)) return Path.Combine(to, NetworkFiles.Weights);
        if (to.EndsWith(".safetensors", StringComparison.Ordinal)) return to;

        throw new InvalidOperationException(Path.GetExtension(to) is ".pth" or ".pt" or ".bin"
            ? $"{to}: PyTorch's state files are read, not written; write {Path.ChangeExtension(to, ".safetensors")}, "
                + "which PyTorch reads with safetensors.torch.load_file."
            : $"{to} must end in .safetensors, or be a folder.");
    }

    static void FitToNetwork(string folder, Dictionary<string, Tensor> tensors, string source)
    {
        var configPath = Path.Combine(folder, NetworkFiles.Config);
        if (!File.Exists(configPath)) return;

        var config = NetworkFiles.ReadConfig(folder);
        if (JsonFile.Read<JsonObject>(configPath, "a network")["format"] is not null)
            throw new InvalidOperationException($"{folder} is an exported student, whose graphs would keep their own "
                + "weights: write the weights beside the config.json of a run's network, and export that.");

        using var network = SavedNetwork.Build(config, configPath, source);
        var state = network.state_dict();
        WeightsFile.LoadStateDict(state, tensors, source);
        foreach (var (name, tensor) in state)
            if (!tensors.ContainsKey(name)) tensors[name] = zeros_like(tensor);
    }
}
