using System.Text.Json;
using Google.Protobuf;
using Retort.Runtime.Wire;
using static TorchSharp.torch;

namespace Retort.Export;

/// <summary>
/// A network as an ONNX graph: its recorded forward pass, weights by name, the normalization of its inputs in front.
/// The batch, and every axis of its inputs that varies, are left free. Batch norms are folded into the layers before
/// them, and nothing that has no effect is written.
/// </summary>
public static class OnnxExporter
{
    const long IrVersion = 8;                                               // the one that came with opset 17
    const long MaxWeightBytes = int.MaxValue - (1 << 20);                   // of protocol buffers, less room for nodes

    /// <summary>The version of Retort that wrote a file.</summary>
    internal static string Version { get; } =
        typeof(OnnxExporter).Assembly.GetName().Version?.ToString(3) ?? "unknown";

    /// <summary>The graph with the output <c>logits</c>; see the other overload.</summary>
    public static byte[] Export(Network network, DatasetInfo data, double temperature = 1) =>
        Export(network, data, Output.Logits, temperature);

    /// <summary>
    /// The graph as the bytes of a file. Inputs are those of the data, the batch first: <c>pixel_values</c>, float32
    /// [batch, C, H, W] from 0 to 1; <c>features</c>, float32 [batch, D] as read; <c>input_ids</c>, int64 [batch,
    /// sequence]; … Outputs have the names of their keys: <c>logits</c>, <c>hidden_states.0</c>.
    /// </summary>
    /// <param name="network">The network; recorded in eval mode on the CPU, its mode is restored.</param>
    /// <param name="data">Classes and inputs of the data that it was trained on.</param>
    /// <param name="outputs">The outputs of the graph.</param>
    /// <param name="temperature">
    /// What the logits are divided by; see <see cref="Runtime.Metrics.TemperatureScaling"/>.
    /// </param>
    /// <exception cref="NotSupportedException">
    /// The network uses an operator that ONNX does not have, or depends on sizes in a way that cannot be written.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// An operand was made by no recorded operator, or the network does not offer an output.
    /// </exception>
    public static byte[] Export(Network network, DatasetInfo data, OutputSet outputs, double temperature = 1) =>
        Model(network, data, outputs, temperature).ToByteArray();

    internal static ModelProto Model(Network network, DatasetInfo data, OutputSet outputs, double temperature = 1)
    {
        if (outputs.Except(network.AvailableOutputs) is { IsEmpty: false } missing) throw new InvalidOperationException(
            $"The network {network.GetName()} does not offer {missing}; it offers {network.AvailableOutputs}.");
        var wasTraining = network.training;
        network.eval();
        try
        {
            using var frozen = no_grad();
            using var scope = NewDisposeScope();
            var graph = Draft(network, data, outputs, temperature);
            Folding.Fold(graph);
            Folding.ActivateFirst(graph);
            foreach (var input in data.Inputs.Where(IsImage)) InputNormalization.Fold(graph, input);
            Folding.Prune(graph);
            return Pack(graph, data);
        }
        finally
        {
            network.train(wasTraining);
        }
    }

    static GraphProto Draft(Network network, DatasetInfo data, OutputSet outputs, double temperature)
    {
        var grid = ProbeGrid.Of(data.Inputs);
        string[] axes = [.. grid.Axes.Select(axis => axis.Name)];
        var recordings = grid.Recordings
            .Select(sizes => ForwardRecording.Of(network, data.Inputs, outputs, axes, sizes)).ToList();
        var first = recordings[0];
        var draft = new GraphDraft(network.GetName(), axes);
        foreach (var (name, _) in first.Outputs) draft.Reserve(name);
        var names = new Dictionary<Tensor, string>(ReferenceEqualityComparer.Instance);
        foreach (var (spec, part) in data.Inputs.Zip(first.Inputs.Parts))
            names[part.Value] = Normalize(draft, draft.Input(spec), spec);
        Write(draft, names, Weights(network), [.. recordings.Select(recording => recording.Operations)], grid);
        CheckSize(draft.Graph);
        WriteOutputs(draft, names, recordings, grid, temperature);
        return draft.Graph;
    }

    /// <summary>Writes recorded operators, one after another.</summary>
    /// <param name="draft">The graph.</param>
    /// <param name="names">
    /// The graph's names of the tensors of the first recording that are known; results are added.
    /// </param>
    /// <param name="weights">Parameters and buffers; each is written when it is first read.</param>
    /// <param name="recordings">The operators of each recording.</param>
    /// <param name="grid">The sizes of the recordings.</param>
    internal static void Write(GraphDraft draft, Dictionary<Tensor, string> names,
        IReadOnlyDictionary<Tensor, string> weights, IReadOnlyList<IReadOnlyList<Recorder.Operation>> recordings,
        ProbeGrid grid)
    {
        var operators = recordings[0].Select(operation => operation.Name).ToList();
        if (recordings.Any(recording => !recording.Select(operation => operation.Name).SequenceEqual(operators)))
            throw new NotSupportedException("The network cannot be exported: its operators depend on the size of "
                + $"{grid.AxisNames}.");
        for (var i = 0; i < operators.Count; i++)
        {
            var op = recordings.Select(recording => recording[i]).ToList();
            var inputs = Enumerable.Range(0, op[0].Inputs.Count)
                .Select(j => NameOf(op[0].Name, [.. op.Select(operation => operation.Inputs[j])])).ToList();
            names[op[0].Output.Tensor] = OnnxOps.Write(draft, new(op, inputs, grid));
        }

        string NameOf(string op, IReadOnlyList<Recorder.Operand> operands)
        {
            var operand = operands[0];
            if (names.TryGetValue(operand.Tensor, out var known)) return known;
            if (weights.TryGetValue(operand.Tensor, out var weight))
                return names[operand.Tensor] = draft.Weight(weight, operand.Tensor);
            var shape = string.Join(", ", operand.Shape);
            if (operand.Type is not (ScalarType.Bool or ScalarType.Int64)) throw new InvalidOperationException(
                $"{op} was applied to [{shape}] that no recorded operator made: networks must use the methods of "
                + "Operators only (Add and Times, not + and *).");
            if (!AreEqual(operands)) throw new NotSupportedException(
                $"{op} cannot be exported: its operand [{shape}] was made by no recorded operator and depends on the "
                + $"size of {grid.AxisNames}.");
            return names[operand.Tensor] = draft.Data(operand.Tensor);
        }
    }

    static bool AreEqual(IReadOnlyList<Recorder.Operand> operands)
    {
        if (operands.Any(operand => operand.Tensor.IsInvalid)) return false;
        if (operands.Any(operand => !operand.Shape.SequenceEqual(operands[0].Shape))) return false;
        var values = operands[0].Tensor.ToLongArray();
        return operands.Skip(1).All(operand => operand.Tensor.ToLongArray().SequenceEqual(values));
    }

    static void WriteOutputs(GraphDraft draft, Dictionary<Tensor, string> names,
        List<ForwardRecording> recordings, ProbeGrid grid, double temperature)
    {
        foreach (var (i, (name, value)) in recordings[0].Outputs.Index())
        {
            if (!names.TryGetValue(value, out var result)) throw new InvalidOperationException(
                $"No recorded operator made the {name}: networks must use the methods of Operators only (Add and "
                + "Times, not + and *).");
            if (temperature != 1 && name == Output.Logits.Name)
                result = draft.Node("Div", [result, draft.Constant(temperature)]);
            var values = recordings.Select(recording => recording.Outputs[i].Value).ToList();
            draft.Output(result, name, ShapeOf(name, values, grid));
        }
    }

    static Sizes ShapeOf(string name, IReadOnlyList<Tensor> values, ProbeGrid grid)
    {
        var shapes = values.Select(value => value.shape).ToList();
        return new([.. Enumerable.Range(0, shapes[0].Length).Select(axis =>
            grid.Fit([.. shapes.Select(shape => shape[axis])]) ?? throw new NotSupportedException(
                $"The network cannot be exported: axis {axis} of {name} does not follow the sizes of its inputs."))]);
    }

    static void CheckSize(GraphProto graph)
    {
        var bytes = graph.Initializer.Sum(weight => (long)weight.RawData.Length);
        if (bytes > MaxWeightBytes) throw new NotSupportedException(Invariant(
            $"The network cannot be exported: one ONNX file holds at most {MaxWeightBytes} bytes, and its weights ")
            + Invariant($"take {bytes}."));
    }

    static Dictionary<Tensor, string> Weights(Network network)
    {
        var weights = new Dictionary<Tensor, string>(ReferenceEqualityComparer.Instance);
        foreach (var (name, parameter) in network.named_parameters()) weights.TryAdd(parameter, name);
        foreach (var (name, buffer) in network.named_buffers()) weights.TryAdd(buffer, name);
        return weights;
    }

    static bool IsImage(TensorSpec input) => input is { Name: InputNames.PixelValues, Normalization: not null };

    // the float32 numbers that the data's readers use: (x - mean) / sd, of images after their scaling, else before
    static string Normalize(GraphDraft draft, string input, TensorSpec spec)
    {
        if (spec.Normalization is not { } normalization) return input;
        var isImage = spec.Name == InputNames.PixelValues;
        var (scale, channels) = (isImage ? 1 : normalization.Scale, normalization.Mean.Count);
        long[] shape = [1, channels, .. Enumerable.Repeat(1L, spec.Axes.Count - 1)];
        float[] mean = [.. normalization.Mean.Select(mean => (float)(mean * scale))];
        float[] factor = [.. normalization.StandardDeviation.Select(sd => (float)(1 / (scale * sd)))];
        var centered = draft.Node("Sub", [input, draft.Constant(shape, mean)]);
        return draft.Node("Mul", [centered, draft.Constant(shape, factor)]);
    }

    static ModelProto Pack(GraphProto graph, DatasetInfo data) => new()
    {
        IrVersion = IrVersion, ProducerName = "retort", ProducerVersion = Version, Graph = graph,
        OpsetImport = { new OperatorSetIdProto { Version = OnnxOps.Opset } },
        MetadataProps =
        {
            Entry("retort.version", Version),
            Entry("retort.classes", JsonSerializer.Serialize(data.Classes, Json.Line)),
            Entry("retort.input", data.Names),
        },
    };

    static StringStringEntryProto Entry(string key, string value) => new() { Key = key, Value = value };
}
