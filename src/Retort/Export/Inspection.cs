using Retort.Recipes;
using Retort.Runs;
using Retort.Runtime;
using Retort.Tensors.Files;
using Retort.Tensors.Native;
using static TorchSharp.torch;

namespace Retort.Export;

/// <summary>What a model file or folder holds and what one example costs it.</summary>
/// <param name="Path">The file that was read.</param>
/// <param name="Kind">What it is: an ONNX graph, a network of Retort, a file of weights.</param>
/// <param name="Bytes">Of the file.</param>
/// <param name="Inputs">What goes in, as <c>name type [shape]</c>; empty for weights alone.</param>
/// <param name="Outputs">What comes out.</param>
/// <param name="Layers">Operators in the order they run; of weights alone the tensors, with their type in place of the operator.</param>
/// <param name="Parameters">Trained numbers; running figures of norms are none.</param>
/// <param name="MultiplyAdds">Products that are summed, for one example; null for weights alone.</param>
/// <param name="ActivationBytes">The peak of live bytes of intermediate results, for one example; null for weights alone.</param>
/// <param name="NotCounted">Operators that multiply and are not in <paramref name="MultiplyAdds"/>.</param>
/// <param name="IsForOneExample">False where shapes and costs are those of a call with several examples, since the graph takes no other number or the caller told one.</param>
public sealed record Inspection(string Path, string Kind, long Bytes, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs,
    IReadOnlyList<Layer> Layers, long Parameters, long? MultiplyAdds, long? ActivationBytes, IReadOnlyList<string> NotCounted, bool IsForOneExample = true)
{
    /// <summary>Reads a model of any kind that Retort knows; nothing in it is trusted.</summary>
    /// <param name="path">An ONNX, safetensors or .pth file, a student's folder, or the folder of one network of a run.</param>
    /// <param name="shapes">Shapes of an ONNX file's inputs by name, where more than the first axis is open.</param>
    /// <param name="key">Which mapping of a state file is meant, where it holds several.</param>
    /// <exception cref="InvalidDataException">It is no model; the message says what was found.</exception>
    public static Inspection Of(string path, IReadOnlyDictionary<string, long[]>? shapes = null, string? key = null)
    {
        if (!File.Exists(path) && !Directory.Exists(path)) throw new InvalidDataException($"{path}: there is no such file or folder.");
        var kind = Directory.Exists(path) ? FileKind.Unknown : KindOf(path);
        if (key is not null && kind != FileKind.Weights) throw new InvalidDataException($"{path} is no file of weights, so there is no mapping '{key}' to choose in it.");
        if (Directory.Exists(path)) return OfFolder(path, shapes);
        return kind switch
        {
            FileKind.Weights => OfWeights(path, key),
            FileKind.Graph => OfGraph(path, shapes),
            _ => throw new InvalidDataException(
                $"{path} is no model: it is neither an ONNX graph nor a file of weights (safetensors, .pth)."),
        };
    }

    enum FileKind { Unknown, Graph, Weights }

    /// <summary>By what a file begins with; its name counts for nothing.</summary>
    static FileKind KindOf(string path)
    {
        Span<byte> head = stackalloc byte[9];
        using var file = File.OpenRead(path);
        var read = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (read < head.Length) return FileKind.Unknown;
        if (head[8] == (byte)'{' || PthFile.IsPthFile(path)) return FileKind.Weights;       // the brace that follows the header's length in safetensors
        return head[0] >> 3 is >= 1 and <= 25 && (head[0] & 7) is 0 or 2 ? FileKind.Graph : FileKind.Unknown;   // a field of a model message
    }

    static Inspection OfFolder(string folder, IReadOnlyDictionary<string, long[]>? shapes)
    {
        if (System.IO.Path.Combine(folder, "model.onnx") is var graph && File.Exists(graph)) return OfGraph(graph, shapes);
        if (SavedNetwork.IsIn(folder)) return OfNetwork(folder);
        throw new InvalidDataException(Directory.Exists(System.IO.Path.Combine(folder, "networks"))
            ? $"{folder} is a run with several networks: name one of them, such as {System.IO.Path.Combine(folder, "networks", "student-seed1")}."
            : $"{folder} holds no model: it has neither a model.onnx nor a network's config.json.");
    }

    static Inspection OfGraph(string path, IReadOnlyDictionary<string, long[]>? shapes)
    {
        var graph = OnnxGraph.Read(path, shapes);
        var producer = graph.Producer.Length > 0 ? $", written by {graph.Producer}" : "";
        return new(path, $"ONNX graph, opset {graph.Opset}{producer}", new FileInfo(path).Length, [.. graph.Inputs.Select(input => input.ToString())],
            [.. graph.Outputs.Select(output => output.ToString())], graph.Layers, graph.Parameters, graph.MultiplyAdds, graph.ActivationBytes, graph.NotCounted,
            graph.IsForOneExample);
    }

    static Inspection OfNetwork(string folder)
    {
        NativeLoader.EnsureLoaded();
        using var saved = SavedNetwork.Open(folder);
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var (network, facts) = (saved.Network, saved.Config.Data);
        var inputs = new Inputs([.. facts.Inputs.Select(input => (input.Name, input.Example(1)))]);
        var (recorder, logits) = Recorder.Record(() => network.Forward(inputs, Output.Logits).Logits);
        var cost = Cost.Of(recorder.Operations, network, [.. inputs.Parts.Select(part => part.Value)], [logits]);
        var weights = System.IO.Path.Combine(folder, "model.safetensors");
        return new(weights, $"network of Retort, {network.GetName()}", new FileInfo(weights).Length,
            [.. inputs.Parts.Select(part => Port(part.Name, part.Value))], [Port(OnnxExporter.Output, logits)],
            OfWords(recorder.Operations, network), cost.Parameters, cost.MultiplyAdds, cost.ActivationBytes, []);

        static string Port(string name, Tensor value) => $"{name} float [batch, {string.Join(", ", value.shape.Skip(1))}]";
    }

    static List<Layer> OfWords(IEnumerable<Recorder.Operation> words, Network network)
    {
        var names = new Dictionary<Tensor, string>(ReferenceEqualityComparer.Instance);
        foreach (var (name, parameter) in network.named_parameters()) names.TryAdd(parameter, name);
        var (layers, seen, count) = (new List<Layer>(), new HashSet<Tensor>(ReferenceEqualityComparer.Instance), 0);
        foreach (var word in words)
        {
            count++;
            var own = word.Inputs.Where(operand => names.ContainsKey(operand.Tensor) && seen.Add(operand.Tensor)).ToList();
            var name = own.Count == 0 ? FormattableString.Invariant($"{word.Name.ToLowerInvariant()}_{count}") : Owner(names[own[0].Tensor]);
            layers.Add(new(name, word.Name, word.Output.Shape, own.Sum(operand => operand.ElementCount), Cost.CountMultiplyAdds(word)));
        }
        return layers;

        static string Owner(string parameter) => parameter.Contains('.', StringComparison.Ordinal) ? parameter[..parameter.LastIndexOf('.')] : parameter;
    }

    static Inspection OfWeights(string path, string? key)
    {
        NativeLoader.EnsureLoaded();
        using var scope = NewDisposeScope();
        var layers = WeightsFile.Read(path, key: key).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new Layer(
            pair.Key, pair.Value.dtype.ToString().ToLowerInvariant(), pair.Value.shape, IsRunning(pair.Key) ? 0 : pair.Value.numel(), 0)).ToList();
        return new(path, "weights", new FileInfo(path).Length, [], [], layers, layers.Sum(layer => layer.Parameters), null, null, []);

        static bool IsRunning(string name) => name.Split('.')[^1] is "running_mean" or "running_var" or "num_batches_tracked";
    }
}
