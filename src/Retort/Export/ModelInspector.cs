using Retort.Runs;
using Retort.Runtime;
using Retort.Tensors.Files;
using Retort.Tensors.Native;
using static TorchSharp.torch;

namespace Retort.Export;

/// <summary>Reads models of any kind that Retort knows, and counts what they hold.</summary>
static class ModelInspector
{
    enum FileKind
    {
        Unknown,
        Graph,
        Weights,
    }

    /// <inheritdoc cref="Inspection.Of"/>
    public static Inspection Inspect(string path, IReadOnlyDictionary<string, long[]>? shapes, string? key)
    {
        var isFolder = Directory.Exists(path);
        if (!isFolder && !File.Exists(path))
            throw new InvalidDataException($"{path}: there is no such file or folder.");
        var kind = isFolder ? FileKind.Unknown : KindOf(path);
        if (key is not null && kind != FileKind.Weights) throw new InvalidDataException(
            $"{path} is no file of weights, so there is no mapping '{key}' to choose in it.");
        if (isFolder) return OfFolder(path, shapes);
        return kind switch
        {
            FileKind.Weights => OfWeights(path, key),
            FileKind.Graph => OfGraph(path, shapes),
            _ => throw new InvalidDataException(
                $"{path} is no model: it is neither an ONNX graph nor a file of weights (safetensors, .pth)."),
        };
    }

    // by the first bytes; the name counts for nothing
    static FileKind KindOf(string path)
    {
        Span<byte> head = stackalloc byte[9];
        using var file = InputFile.Open(path);
        if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length) return FileKind.Unknown;
        // in safetensors a brace follows the header's length
        if (head[8] == (byte)'{' || PthFile.IsPthFile(path)) return FileKind.Weights;
        var isModelField = head[0] >> 3 is >= 1 and <= 25 && (head[0] & 7) is 0 or 2;
        return isModelField ? FileKind.Graph : FileKind.Unknown;
    }

    static Inspection OfFolder(string folder, IReadOnlyDictionary<string, long[]>? shapes)
    {
        var graph = Path.Combine(folder, "model.onnx");
        if (File.Exists(graph)) return OfGraph(graph, WithLargest(folder, shapes));
        if (SavedNetwork.IsIn(folder)) return OfNetwork(folder);
        var networks = Path.Combine(folder, "networks");
        throw new InvalidDataException(Directory.Exists(networks)
            ? $"{folder} is a run with several networks: name one of them, such as "
                + $"{Path.Combine(networks, "student-seed1")}."
            : $"{folder} holds no model: it has neither a model.onnx nor a network's config.json.");
    }

    // of a student's folder: one example, and the largest size of each axis that varies
    static IReadOnlyDictionary<string, long[]>? WithLargest(string folder, IReadOnlyDictionary<string, long[]>? shapes)
    {
        var config = Path.Combine(folder, NetworkFiles.Config);
        if (!File.Exists(config)) return shapes;
        var all = new Dictionary<string, long[]>(shapes ?? new Dictionary<string, long[]>(), StringComparer.Ordinal);
        foreach (var input in JsonFile.Read<FolderInputs>(config, "a student").Inputs)
            if (input.Varies && input.Axes.All(axis => (axis.Size ?? axis.MaxSize) is > 0))
                all.TryAdd(input.Name, [1, .. input.Shape]);
        return all;
    }

    static Inspection OfGraph(string path, IReadOnlyDictionary<string, long[]>? shapes)
    {
        var graph = OnnxGraph.Read(path, shapes);
        var producer = graph.Producer.Length > 0 ? $", written by {graph.Producer}" : "";
        return new(path, $"ONNX graph, opset {graph.Opset}{producer}", new FileInfo(path).Length,
            [.. graph.Inputs.Select(input => input.ToString())], [.. graph.Outputs.Select(output => output.ToString())],
            graph.Layers, graph.Parameters, graph.MultiplyAdds, graph.ActivationBytes, graph.NotCounted,
            graph.IsForOneExample);
    }

    // of one example, its varying axes at their largest size
    static Inspection OfNetwork(string folder)
    {
        NativeLoader.EnsureLoaded();
        using var saved = SavedNetwork.Open(folder);
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var (network, specs, output) = (saved.Network, saved.Config.Data.Inputs, saved.Config.TaskOf().Output);
        var inputs = new Inputs([.. specs.Select(spec => (spec.Name, spec.LongestExample(1)))]);
        var (recorder, result) = Recorder.Record(() => network.Forward(inputs, output)[output]);
        var cost = Cost.Of(recorder.Operations, network, [.. inputs.Parts.Select(part => part.Value)], [result]);
        var weights = Path.Combine(folder, "model.safetensors");
        return new(weights, $"network of Retort, {network.GetName()}", new FileInfo(weights).Length,
            [.. specs.Select(spec => Port(spec.Name, GraphTypes.Name(spec.Type), spec.Axes.Select(Text)))],
            [Port(output.Name, "float", result.shape.Skip(1).Select(size => $"{size}"))],
            LayersOf(recorder.Operations, network), cost.Parameters, cost.MultiplyAdds, cost.ActivationBytes, []);

        static string Text(TensorAxis axis) => axis.Size is { } size ? $"{size}" : axis.Name;

        static string Port(string name, string type, IEnumerable<string> sizes) =>
            $"{name} {type} [{string.Join(", ", sizes.Prepend("batch"))}]";
    }

    static List<Layer> LayersOf(IEnumerable<Recorder.Operation> operations, Network network)
    {
        var names = new Dictionary<Tensor, string>(ReferenceEqualityComparer.Instance);
        foreach (var (name, parameter) in network.named_parameters()) names.TryAdd(parameter, name);
        var layers = new List<Layer>();
        var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        foreach (var (i, operation) in operations.Index())
        {
            var own = operation.Inputs
                .Where(operand => names.ContainsKey(operand.Tensor) && seen.Add(operand.Tensor)).ToList();
            var name = own.Count > 0 ? ModuleOf(names[own[0].Tensor])
                : Invariant($"{operation.Name.ToLowerInvariant()}_{i + 1}");
            layers.Add(new(name, operation.Name, operation.Output.Shape, own.Sum(operand => operand.ElementCount),
                Cost.CountMultiplyAdds(operation)));
        }
        return layers;
    }

    static string ModuleOf(string parameter) =>
        parameter.LastIndexOf('.') is >= 0 and var dot ? parameter[..dot] : parameter;

    static Inspection OfWeights(string path, string? key)
    {
        NativeLoader.EnsureLoaded();
        using var scope = NewDisposeScope();
        var tensors = WeightsFile.Read(path, key: key).OrderBy(pair => pair.Key, StringComparer.Ordinal);
        var layers = tensors.Select(pair => new Layer(pair.Key, pair.Value.dtype.ToString().ToLowerInvariant(),
            pair.Value.shape, IsStatistic(pair.Key) ? 0 : pair.Value.numel(), 0)).ToList();
        var parameters = layers.Sum(layer => layer.Parameters);
        return new(path, "weights", new FileInfo(path).Length, [], [], layers, parameters, null, null, []);
    }

    static bool IsStatistic(string name) =>
        name.Split('.')[^1] is "running_mean" or "running_var" or "num_batches_tracked";

    sealed record FolderInputs(IReadOnlyList<TensorSpec> Inputs);
}
