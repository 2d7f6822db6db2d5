using Retort.Recipes;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Retort.Tensors.Files;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>What a conversion of weights left.</summary>
/// <param name="Path">The file that was written.</param>
/// <param name="Tensors">How many there are.</param>
/// <param name="Numbers">In all of them.</param>
/// <param name="Types">The tensors' types.</param>
/// <param name="Sha256">Of the file.</param>
public sealed record ConversionResult(string Path, int Tensors, long Numbers, IReadOnlyList<string> Types, string Sha256);

/// <summary>Weights from one kind of file into another; every number keeps its type and its bits.</summary>
public static class Conversion
{
    const string Weights = "model.safetensors", Card = "config.json";

    /// <summary>
    /// Reads a safetensors file, a PyTorch state file or a network's folder, and writes a safetensors file. Where a folder is
    /// written to that says whose weights it holds, names and shapes must be that network's, and counters of batches that the
    /// file lacks (those of before 2018 do) are written as 0. Nothing is overwritten, and an exported student is refused: its
    /// graphs would stay those of other weights.
    /// </summary>
    /// <param name="from">A file, or a folder with <c>model.safetensors</c>.</param>
    /// <param name="to">A file <c>.safetensors</c>, or a folder that gets <c>model.safetensors</c>.</param>
    /// <param name="key">Which mapping of a state file is meant, where it holds several.</param>
    public static ConversionResult Run(string from, string to, string? key = null)
    {
        var source = WeightsFile.Resolve(from);
        var target = Target(to);
        if (File.Exists(target)) throw new InvalidOperationException($"{target} is there already: choose another name, or remove it first.");
        using var scope = NewDisposeScope();
        var tensors = WeightsFile.Read(source, key: key);
        Complete(Path.GetDirectoryName(Path.GetFullPath(target))!, Path.GetFileName(target), tensors, source);
        SafeTensors.Write(target, tensors, new Dictionary<string, string> { ["format"] = "pt" });      // what readers for PyTorch ask for
        using var written = File.OpenRead(target);
        return new(target, tensors.Count, tensors.Values.Sum(tensor => tensor.numel()),
            [.. tensors.Values.Select(tensor => tensor.dtype.ToString()).Distinct().Order(StringComparer.Ordinal)], Convert.ToHexStringLower(SHA256.HashData(written)));
    }

    static string Target(string to)
    {
        if (Directory.Exists(to) || Path.EndsInDirectorySeparator(to)) return Path.Combine(to, Weights);
        if (to.EndsWith(".safetensors", StringComparison.Ordinal)) return to;
        throw new InvalidOperationException(Path.GetExtension(to) is ".pth" or ".pt" or ".bin"
            ? $"{to}: PyTorch's state files are read, not written; write {Path.ChangeExtension(to, ".safetensors")}, which PyTorch reads with safetensors.torch.load_file."
            : $"{to} must end in .safetensors, or be a folder.");
    }

    static void Complete(string folder, string file, Dictionary<string, Tensor> tensors, string source)
    {
        var config = Path.Combine(folder, Card);
        if (file != Weights || !File.Exists(config)) return;
        var card = SavedNetwork.Read(config);
        if (JsonFile.Read<JsonObject>(config, "a network")["format"] is not null) throw new InvalidOperationException(
            $"{folder} is an exported student, whose graphs would stay those of other weights: write the weights beside the config.json of a run's network, and export that.");
        using var network = SavedNetwork.Made(card, config, source);
        WeightsFile.LoadStateDict(network.state_dict(), tensors, source);
        foreach (var (name, own) in network.state_dict())
            if (!tensors.ContainsKey(name)) tensors[name] = zeros_like(own);
    }
}
