using Google.Protobuf;
using Retort.Runtime.Wire;

namespace Retort.Runtime;

/// <summary>Inputs and outputs of a graph, and the sizes of all values in one run.</summary>
/// <param name="Inputs">As the file declares them.</param>
/// <param name="Outputs">As the file declares them.</param>
/// <param name="Sizes">Sizes by name. Values that are no tensors of numbers are missing.</param>
/// <param name="InputShapes">Shapes of the inputs in the run.</param>
sealed record OnnxShapes(
    IReadOnlyList<OnnxTensorInfo> Inputs, IReadOnlyList<OnnxTensorInfo> Outputs,
    Dictionary<string, OnnxValueSize> Sizes, IReadOnlyList<long[]> InputShapes)
{
    const long MaxInputBytes = 256_000_000;                                 // all inputs together
    const int ExampleSize = 16;                                             // of a dynamic axis, in a suggestion

    /// <summary>
    /// Runs a graph once on zeros. A graph of a fixed batch size is run with a batch of 1, if that works and every
    /// output follows.
    /// </summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="model">Its content.</param>
    /// <param name="shapes">Shapes of inputs by name.</param>
    public static OnnxShapes Find(string path, ModelProto model, IReadOnlyDictionary<string, long[]> shapes)
    {
        List<string> results = [.. model.Graph.Node
            .Where(node => node.OpType != "Constant")
            .SelectMany(node => node.Output)
            .Where(name => name.Length > 0)];
        var original = Run(path, model, results, shapes);
        if (FixedBatchSize(original.Inputs, shapes) is not { } batchSize) return original;

        try
        {
            var single = Run(path, WithBatchOfOne(model, original.Inputs), results, shapes);
            return original.Outputs.All(Follows)
                ? single with { Inputs = original.Inputs, Outputs = original.Outputs }
                : original;

            bool Follows(OnnxTensorInfo output) =>
                !original.Sizes.TryGetValue(output.Name, out var before)
                || before.Shape is not [var rows, ..] || rows != batchSize
                || single.Sizes[output.Name].Shape is [1, ..];
        }
        catch (InvalidDataException)                                        // the batch size is written into the graph
        {
            return original;
        }
    }

    /// <summary>
    /// The first axis of all inputs if it is fixed, greater than 1 and not set by the caller; null otherwise.
    /// </summary>
    static long? FixedBatchSize(IReadOnlyList<OnnxTensorInfo> inputs, IReadOnlyDictionary<string, long[]> shapes)
    {
        if (inputs.Count == 0 || inputs.Any(input => shapes.ContainsKey(input.Name))) return null;
        if (inputs[0].Shape is not [> 1 and var batchSize, ..]) return null;
        return inputs.All(input => input.Shape is [var size, ..] && size == batchSize) ? batchSize : null;
    }

    static ModelProto WithBatchOfOne(ModelProto model, IReadOnlyList<OnnxTensorInfo> inputs)
    {
        var changed = model.Clone();
        foreach (var input in changed.Graph.Input)
            if (inputs.Any(info => info.Name == input.Name))
                input.Type.TensorType.Shape.Dim[0] = new() { DimValue = 1 };
        foreach (var output in changed.Graph.Output)
            if (output.Type?.TensorType is { } tensor) tensor.Shape = null;
        changed.Graph.ValueInfo.Clear();
        return changed;
    }

    static OnnxShapes Run(
        string path, ModelProto model, IReadOnlyList<string> results, IReadOnlyDictionary<string, long[]> shapes)
    {
        var declared = model.Graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        var open = model.Clone();
        foreach (var name in results)
            if (!declared.Contains(name)) open.Graph.Output.Add(new ValueInfoProto { Name = name });
        using var onnx = new OnnxModel(path, open.ToByteArray(), threads: 1, limitMemory: true);

        foreach (var name in shapes.Keys) onnx.Input(name);
        var inputShapes = onnx.Inputs
            .Select(input => shapes.TryGetValue(input.Name, out var shape) ? shape : DefaultShape(path, input))
            .ToList();
        var bytes = inputShapes.Zip(onnx.Inputs)
            .Sum(pair => OnnxValueSize.EstimateBytes(pair.First, pair.Second.ElementType ?? typeof(float)));
        if (bytes > MaxInputBytes)
            throw new InvalidDataException(
                Invariant($"{path} takes {string.Join(", ", onnx.Inputs)}: {bytes:0} bytes; ")
                + Invariant($"at most {MaxInputBytes} are used to find the shapes."));

        var outputs = onnx.Outputs.Where(output => output.ElementType is not null).ToList();
        var found = onnx.FindShapes(inputShapes, [.. outputs.Select(output => output.Name)]);
        var sizes = new Dictionary<string, OnnxValueSize>(StringComparer.Ordinal);
        for (var i = 0; i < inputShapes.Count; i++)
            sizes[onnx.Inputs[i].Name] = OnnxValueSize.Of(inputShapes[i], onnx.Inputs[i].ElementType!);
        for (var i = 0; i < outputs.Count; i++)
            sizes[outputs[i].Name] = OnnxValueSize.Of(found[i], outputs[i].ElementType!);
        return new(
            onnx.Inputs, [.. onnx.Outputs.Where(output => declared.Contains(output.Name))], sizes, inputShapes);
    }

    static long[] DefaultShape(string path, OnnxTensorInfo input)
    {
        if (input.Shape.Skip(1).All(size => size >= 0)) return [.. input.Shape.Select(size => size < 0 ? 1 : size)];

        var example = input.Shape.Select((size, axis) => size > 0 ? size : axis == 0 ? 1 : ExampleSize);
        throw new InvalidDataException(
            $"{path} takes {input}, and more than its first axis is open: "
            + $"say its shape with --input {input.Name}={string.Join(',', example)}.");
    }
}
