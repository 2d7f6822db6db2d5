using System.Text.Json;
using Retort.Runs;
using Retort.Runtime.Wire;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Export;

/// <summary>
/// A network as an ONNX graph: its recorded forward, weights by name, the data's normalization in front, any number of
/// examples at once. Batch norms are folded into the layers before them, nothing that has no effect is written.
/// </summary>
public static class OnnxExporter
{
    /// <summary>The name of the graph's output. [N, C]</summary>
    public const string Output = Runtime.StudentConfig.Output;

    const long IrVersion = 8;                                               // the one that came with opset 17
    const long LargestFile = int.MaxValue - (1 << 20);                      // of protocol buffers, with room for the nodes
    static readonly (long First, long Second) Probes = (2, 3);

    /// <summary>
    /// The graph as the bytes of a file. Input: <c>pixels</c>, float32 [batch, C, H, W] from 0 to 1, or <c>features</c>,
    /// float32 [batch, D] as read; output: <c>logits</c>, float32 [batch, C].
    /// </summary>
    /// <param name="network">Recorded in eval mode on the CPU; its mode is given back as it was.</param>
    /// <param name="data">Classes, inputs and normalization of what it was trained on.</param>
    /// <param name="temperature">What the logits are divided by last; see <see cref="Runtime.Metrics.TemperatureScaling"/>.</param>
    /// <exception cref="NotSupportedException">It uses a word that has no ONNX operator, or depends on the batch in a way that cannot be written.</exception>
    /// <exception cref="InvalidOperationException">A word was handed numbers that no word made.</exception>
    public static byte[] Export(Network network, DatasetInfo data, double temperature = 1) =>
        Google.Protobuf.MessageExtensions.ToByteArray(Model(network, data, temperature));

    internal static ModelProto Model(Network network, DatasetInfo data, double temperature = 1)
    {
        var trained = network.training;
        network.eval();
        try
        {
            using var frozen = no_grad();
            using var scope = NewDisposeScope();
            var (first, second) = (Recorded(network, data, Probes.First), Recorded(network, data, Probes.Second));
            var draft = new GraphDraft(network.GetName());
            draft.Keep(Output);
            var names = new Dictionary<Tensor, string>(ReferenceEqualityComparer.Instance);
            foreach (var (name, value) in first.Inputs.Parts)
                names[value] = Normalised(draft, draft.Input(name, [.. value.shape.Skip(1)]), data);
            var weights = Weights(network);
            Write(draft, names, weights, first.Words, second.Words, Probes);
            if (!names.TryGetValue(first.Logits, out var made))
                throw new InvalidOperationException($"No word made the logits: networks are written in words only (Add and Times, not + and *).");
            var bytes = draft.Graph.Initializer.Sum(weight => (long)weight.RawData.Length);
            if (bytes > LargestFile) throw new NotSupportedException(FormattableString.Invariant(
                $"The network cannot be exported: one ONNX file holds at most {LargestFile} bytes, and its weights take {bytes}."));
            if (temperature != 1) made = draft.Node("Div", [made, draft.Constant(temperature)]);
            draft.Output(made, Output, [first.Logits.size(1)]);
            Folding.Fold(draft.Graph);
            Folding.ActivateFirst(draft.Graph);
            if (data.Normalization is { } normalization && data.Input(InputNames.PixelValues) is not null) InputNormalization.Fold(draft.Graph, normalization);
            Folding.Prune(draft.Graph);
            return Packed(draft.Graph, data);
        }
        finally { network.train(trained); }
    }

    /// <summary>Writes recorded words, one after another.</summary>
    /// <param name="draft">The graph.</param>
    /// <param name="names">What the graph calls the tensors of the first recording that are known; results are added.</param>
    /// <param name="weights">Parameters and buffers; each is written when it is first read.</param>
    /// <param name="first">The forward of the smaller batch.</param>
    /// <param name="second">The same of the larger one.</param>
    /// <param name="probes">The sizes of the two.</param>
    internal static void Write(GraphDraft draft, Dictionary<Tensor, string> names, IReadOnlyDictionary<Tensor, string> weights,
        IReadOnlyList<Recorder.Operation> first, IReadOnlyList<Recorder.Operation> second, (long First, long Second) probes)
    {
        if (!first.Select(word => word.Name).SequenceEqual(second.Select(word => word.Name))) throw new NotSupportedException(
            "The network cannot be exported: with another number of examples it takes another way.");
        for (var i = 0; i < first.Count; i++)
        {
            var word = first[i];
            var inputs = word.Inputs.Select((operand, j) => Name(word, operand, second[i].Inputs[j])).ToList();
            names[word.Output.Tensor] = OnnxOps.Write(draft, new(word, second[i], inputs, probes));
        }

        string Name(Recorder.Operation word, Recorder.Operand operand, Recorder.Operand again)
        {
            if (names.TryGetValue(operand.Tensor, out var known)) return known;
            if (weights.TryGetValue(operand.Tensor, out var weight)) return names[operand.Tensor] = draft.Weight(weight, operand.Tensor);
            if (operand.Type is not (ScalarType.Bool or ScalarType.Int64)) throw new InvalidOperationException(
                $"{word.Name} was handed [{string.Join(", ", operand.Shape)}] that no word made: networks are written in words only (Add and Times, not + and *).");
            if (operand.Tensor.IsInvalid || !operand.Shape.SequenceEqual(again.Shape) || !operand.Tensor.ToLongArray().SequenceEqual(again.Tensor.ToLongArray())) throw new NotSupportedException(
                $"{word.Name} cannot be exported: its operand [{string.Join(", ", operand.Shape)}] was made beside the words and depends on the batch.");
            return names[operand.Tensor] = draft.Unlearned(operand.Tensor);
        }
    }

    static (Inputs Inputs, IReadOnlyList<Recorder.Operation> Words, Tensor Logits) Recorded(Network network, DatasetInfo data, long batch)
    {
        var inputs = new Inputs([.. data.Inputs.Select(input => (input.Name, input.Example(batch)))]);
        var (recorder, logits) = Recorder.Record(() => network.Forward(inputs, Contracts.Output.Logits).Logits);
        return (inputs, recorder.Operations, logits);
    }

    static Dictionary<Tensor, string> Weights(Network network)
    {
        var weights = new Dictionary<Tensor, string>(ReferenceEqualityComparer.Instance);
        foreach (var (name, parameter) in network.named_parameters()) weights.TryAdd(parameter, name);
        foreach (var (name, buffer) in network.named_buffers()) weights.TryAdd(buffer, name);
        return weights;
    }

    // the same float32 numbers that the data's readers use: (x - mean) / sd, pixels after their scaling, features before
    static string Normalised(GraphDraft draft, string input, DatasetInfo data)
    {
        if (data.Normalization is not { } normalization) return input;
        var pixels = input == InputNames.PixelValues;
        var (scale, channels) = (pixels ? 1 : normalization.Scale, normalization.Mean.Count);
        long[] shape = pixels ? [1, channels, 1, 1] : [1, channels];
        var centred = draft.Node("Sub", [input, draft.Constant(shape, [.. normalization.Mean.Select(mean => (float)(mean * scale))])]);
        return draft.Node("Mul", [centred, draft.Constant(shape, [.. normalization.StandardDeviation.Select(sd => (float)(1 / (scale * sd)))])]);
    }

    static ModelProto Packed(GraphProto graph, DatasetInfo data)
    {
        var model = new ModelProto
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
        return model;
    }

    static StringStringEntryProto Entry(string key, string value) => new() { Key = key, Value = value };

    /// <summary>What wrote the file.</summary>
    internal static string Version { get; } = typeof(OnnxExporter).Assembly.GetName().Version?.ToString(3) ?? "unknown";
}
