namespace Retort.Runtime;

/// <summary>
/// The graph of an ONNX file: layers, shapes, parameters, multiply-adds, activation memory. The shapes come from one
/// run with every intermediate result as an output, so they are those that a runtime really produces.
/// </summary>
public sealed class OnnxGraph
{
    OnnxGraph() { }

    /// <summary>Version of ONNX's own operator set.</summary>
    public required long Opset { get; init; }

    /// <summary>Name and version of the program that wrote the file, as it states them.</summary>
    public required string Producer { get; init; }

    /// <summary>The inputs.</summary>
    public required IReadOnlyList<OnnxTensorInfo> Inputs { get; init; }

    /// <summary>The outputs.</summary>
    public required IReadOnlyList<OnnxTensorInfo> Outputs { get; init; }

    /// <summary>Every node that depends on an input, in the graph's order.</summary>
    public required IReadOnlyList<Layer> Layers { get; init; }

    /// <summary>
    /// Elements of the trained parameters: initializers that are not running statistics of a batch norm, scales or zero
    /// points.
    /// </summary>
    public required long Parameters { get; init; }

    /// <summary>Bytes of the trained parameters and of the floating-point buffers, in float32.</summary>
    public required long Bytes { get; init; }

    /// <summary>
    /// Multiply-adds for one example. Biases, norms, pooling and activations are not counted, as is usual.
    /// </summary>
    public required long MultiplyAdds { get; init; }

    /// <summary>
    /// Peak bytes of live activations if the nodes run one after another. A result lives from its node to the last one
    /// that reads it; operands and result of a node live side by side. The input counts while it is needed, the outputs
    /// to the end. Views cost nothing.
    /// </summary>
    public required long ActivationBytes { get; init; }

    /// <summary>
    /// Whether shapes and costs are those of one example: the first axis is dynamic, or can be set to 1 in a graph of a
    /// fixed batch size. Otherwise they are those of one call with the sizes of the graph and of the caller.
    /// </summary>
    public required bool IsForOneExample { get; init; }

    /// <summary>Operators with multiply-adds that are not in <see cref="MultiplyAdds"/>.</summary>
    public required IReadOnlyList<string> NotCounted { get; init; }

    /// <summary>Reads a file and runs it once on zeros.</summary>
    /// <param name="path">The file.</param>
    /// <param name="shapes">
    /// Shapes of inputs by name, where more than the first axis is dynamic. The first axis is 1 unless given.
    /// </param>
    /// <exception cref="InvalidDataException">
    /// It is no ONNX model, or it cannot be run with at most 2 GB for weights and results; the message says why.
    /// </exception>
    public static OnnxGraph Read(string path, IReadOnlyDictionary<string, long[]>? shapes = null)
    {
        var model = OnnxFile.Read(path);
        var constants = OnnxConstants.Of(model.Graph);
        var shapeRun = OnnxShapes.Find(path, model, shapes ?? new Dictionary<string, long[]>());
        foreach (var (name, shape) in constants.Shapes) shapeRun.Sizes.TryAdd(name, new(shape, 0));

        var cost = new OnnxCost(model.Graph, constants, shapeRun.Sizes);
        return new()
        {
            Opset = model.OpsetImport.FirstOrDefault(set => set.Domain is "" or "ai.onnx")?.Version ?? 0,
            Producer = $"{model.ProducerName} {model.ProducerVersion}".Trim(),
            Inputs = shapeRun.Inputs,
            Outputs = shapeRun.Outputs,
            Layers = cost.Layers,
            Parameters = constants.Parameters,
            Bytes = sizeof(float) * constants.Weights,
            MultiplyAdds = cost.Layers.Sum(layer => layer.MultiplyAdds),
            ActivationBytes = cost.PeakBytes(),
            NotCounted = cost.NotCounted,
            IsForOneExample = shapeRun.InputShapes.All(shape => shape is [] or [1, ..]),
        };
    }
}
