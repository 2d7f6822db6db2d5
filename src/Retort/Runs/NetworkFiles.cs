using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Tensors.Files;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>The files of a network's folder. <c>config.json</c> is written last.</summary>
static class NetworkFiles
{
    /// <summary>What the network is and how it was trained: <see cref="NetworkConfig"/>.</summary>
    public const string Config = "config.json";

    /// <summary>The selected weights.</summary>
    public const string Weights = "model.safetensors";

    /// <summary>The weights of the last epoch.</summary>
    public const string LastWeights = "last.safetensors";

    /// <summary>The parameters and buffers of a student's loss after its training, where it has any.</summary>
    public const string MethodState = "method.safetensors";

    /// <summary>Builds a network with the weights of a folder, in eval mode. The caller owns it.</summary>
    public static Network Load(string folder, ModelOptions model, DatasetInfo info, string weights = Weights)
    {
        using var scope = NewDisposeScope();
        var path = Path.Combine(folder, weights);
        var network = ModuleFactory.Create(() => model.Architecture().Build(info));
        Checkpoint.Load(network.state_dict(), SafeTensors.Read(path), path);
        network.eval();
        return network;
    }

    /// <summary>Reads <c>config.json</c> of a folder.</summary>
    public static NetworkConfig ReadConfig(string folder)
    {
        var path = Path.Combine(folder, Config);
        CheckExists(path);
        var config = JsonFile.Read<NetworkConfig>(path, "a network");
        foreach (var (key, part) in new[]
        {
            ("network", config.Network), ("method", config.Method), ("training", config.Training),
            ("task", config.Task),
        })
            if (part is not (null or JsonObject)) throw new InvalidDataException(
                $"{path}: {key} must be an object; it is {part.ToJsonString().OnOneLine().Shortened(40)}.");
        return config;
    }

    /// <summary>Refuses a missing file in one sentence.</summary>
    public static void CheckExists(string path)
    {
        if (!File.Exists(path)) throw new InvalidDataException(
            $"{path} is missing: a network's folder holds {Config} and {Weights}.");
    }

    /// <summary>Writes <c>config.json</c>: the network is done.</summary>
    public static void WriteConfig(string folder, NetworkConfig config) => AtomicFile.Write(
        Path.Combine(folder, Config), JsonSerializer.Serialize(config, Json.Indented) + "\n");

    /// <summary>SHA-256 of the selected weights' file.</summary>
    public static string WeightsHash(string folder) => FileHash.Sha256(Path.Combine(folder, Weights));
}
