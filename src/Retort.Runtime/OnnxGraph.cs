using Google.Protobuf;
using Retort.Runtime.Wire;

namespace Retort.Runtime;

/// <summary>One operator of a graph, as a person reads it.</summary>
/// <param name="Name">The node's, or its result's.</param>
/// <param name="Operator">What it does.</param>
/// <param name="Shape">Of its first result, for one example.</param>
/// <param name="Parameters">Trained numbers that it is the first to read.</param>
/// <param name="MultiplyAdds">Products that it sums, for one example.</param>
public sealed record Layer(string Name, string Operator, IReadOnlyList<long> Shape, long Parameters, long MultiplyAdds);

/// <summary>
/// An ONNX file's graph, read but not trusted: layers, shapes, parameters, multiply-adds, activation memory. The shapes
/// come from one run with every intermediate result as an output, so they are those that a runtime really makes.
/// </summary>
public sealed class OnnxGraph
{
    const long MostInput = 256_000_000;                                    // bytes of all inputs together

    OnnxGraph() { }

    /// <summary>The set of ONNX's own operators that it is written in.</summary>
    public required long Opset { get; init; }

    /// <summary>What wrote it, in its own words.</summary>
    public required string Producer { get; init; }

    /// <summary>What must be fed.</summary>
    public required IReadOnlyList<OnnxTensorInfo> Inputs { get; init; }

    /// <summary>What it answers.</summary>
    public required IReadOnlyList<OnnxTensorInfo> Outputs { get; init; }

    /// <summary>Every node that depends on an input, in the graph's order.</summary>
    public required IReadOnlyList<Layer> Layers { get; init; }

    /// <summary>Trained numbers: those of initializers that are not a batch norm's running figures, a scale or a zero point.</summary>
    public required long Parameters { get; init; }

    /// <summary>Products that are summed, for one example; biases, norms, pooling and activations are not counted, as is usual.</summary>
    public required long MultiplyAdds { get; init; }

    /// <summary>
    /// The peak of live bytes of intermediate results, node by node: a result lives from its node to the last that reads
    /// it, operands and result of a node side by side; the input counts while it is needed, the outputs to the end. What
    /// only looks at another's numbers in another shape costs nothing.
    /// </summary>
    public required long ActivationBytes { get; init; }

    /// <summary>
    /// Whether shapes and costs are those of one example: where the first axis is open, or can be made 1 in a graph that was
    /// written for a fixed number of examples. Else they are those of one call with the sizes that are fixed or were told.
    /// </summary>
    public required bool IsForOneExample { get; init; }

    /// <summary>Operators in the graph that multiply in ways of their own and are not in <see cref="MultiplyAdds"/>.</summary>
    public required IReadOnlyList<string> NotCounted { get; init; }

    /// <summary>Reads a file and runs it once on zeros.</summary>
    /// <param name="path">The file.</param>
    /// <param name="shapes">Shapes of inputs by name, where more than the first axis is open; that is 1 unless told.</param>
    /// <exception cref="InvalidDataException">
    /// It is no ONNX model, or one that cannot be run, with at most 2 GB for its weights and results; the message says why.
    /// </exception>
    public static OnnxGraph Read(string path, IReadOnlyDictionary<string, long[]>? shapes = null)
    {
        var model = OnnxFile.Read(path);
        var graph = model.Graph;
        var constant = OnnxConstants.Of(graph);
        List<string> results = [.. graph.Node.Where(node => node.OpType != "Constant").SelectMany(node => node.Output).Where(name => name.Length > 0)];
        var (inputs, outputs, sizes, fed) = Sizes(path, model, results, shapes ?? new Dictionary<string, long[]>());
        foreach (var (name, shape) in constant.Shapes) sizes.TryAdd(name, new(shape, 0));
        var reader = new OnnxCost(graph, constant, sizes);
        return new()
        {
            Opset = model.OpsetImport.FirstOrDefault(set => set.Domain is "" or "ai.onnx")?.Version ?? 0,
            Producer = $"{model.ProducerName} {model.ProducerVersion}".Trim(),
            Inputs = inputs, Outputs = outputs, Layers = reader.Layers, Parameters = constant.Parameters,
            MultiplyAdds = reader.Layers.Sum(layer => layer.MultiplyAdds), ActivationBytes = reader.Peak(), NotCounted = reader.NotCounted,
            IsForOneExample = fed.All(shape => shape is [] or [1, ..]),
        };
    }

    /// <summary>
    /// Of one example also where the graph was written for several: its first axis is made 1, and where that runs and every
    /// output follows, the sizes are those. The ports are the file's own in any case.
    /// </summary>
    static Measures Sizes(string path, ModelProto model, IReadOnlyList<string> results, IReadOnlyDictionary<string, long[]> shapes)
    {
        var whole = Measured(path, model, results, shapes);
        var fixedTo = whole.Inputs.Where(input => !shapes.ContainsKey(input.Name)).Select(input => input.Shape is [> 1 and var size, ..] ? size : 0).ToList();
        if (fixedTo.Count != whole.Inputs.Count || fixedTo.Count == 0 || fixedTo[0] == 0 || fixedTo.Exists(size => size != fixedTo[0])) return whole;
        var one = model.Clone();
        foreach (var input in one.Graph.Input.Where(input => whole.Inputs.Any(port => port.Name == input.Name)))
            input.Type.TensorType.Shape.Dim[0] = new() { DimValue = 1 };
        foreach (var output in one.Graph.Output) if (output.Type?.TensorType is { } tensor) tensor.Shape = null;
        one.Graph.ValueInfo.Clear();
        try
        {
            var measured = Measured(path, one, results, shapes);
            return whole.Outputs.All(output => !whole.Sizes.TryGetValue(output.Name, out var before) || before.Shape is not [var rows, ..] || rows != fixedTo[0]
                || measured.Sizes[output.Name].Shape is [1, ..]) ? measured with { Inputs = whole.Inputs, Outputs = whole.Outputs } : whole;
        }
        catch (InvalidDataException)                                        // the number is written into the graph
        {
            return whole;
        }
    }

    sealed record Measures(IReadOnlyList<OnnxTensorInfo> Inputs, IReadOnlyList<OnnxTensorInfo> Outputs, Dictionary<string, Measure> Sizes, IReadOnlyList<long[]> Fed);

    /// <summary>Shapes and bytes of results, by name; of what is no tensor of numbers nothing is known.</summary>
    static Measures Measured(string path, ModelProto model, IReadOnlyList<string> results, IReadOnlyDictionary<string, long[]> shapes)
    {
        var own = model.Graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        var open = model.Clone();
        foreach (var name in results.Where(name => !own.Contains(name))) open.Graph.Output.Add(new ValueInfoProto { Name = name });
        using var onnx = new OnnxModel(path, open.ToByteArray(), threads: 1, limited: true);
        if (shapes.Keys.FirstOrDefault(name => onnx.Inputs.All(input => input.Name != name)) is { } strange)
            throw new InvalidDataException($"{path} has no input \"{strange}\"; it has {string.Join(", ", onnx.Inputs)}.");
        var fed = onnx.Inputs.Select(input => shapes.TryGetValue(input.Name, out var given) ? given : Shape(path, input)).ToList();
        var asked = onnx.Outputs.Where(output => output.ElementType is not null).ToList();
        var most = fed.Zip(onnx.Inputs).Sum(pair => Measure.Size(pair.First, pair.Second.ElementType ?? typeof(float)));
        if (most > MostInput) throw new InvalidDataException(FormattableString.Invariant($"{path} takes {string.Join(", ", onnx.Inputs)}: {most:0} bytes; at most {MostInput} are fed to learn the shapes."));
        var found = onnx.Shapes(fed, [.. asked.Select(output => output.Name)]);
        var sizes = new Dictionary<string, Measure>(StringComparer.Ordinal);
        for (var i = 0; i < fed.Count; i++) sizes[onnx.Inputs[i].Name] = Measure.Of(fed[i], onnx.Inputs[i].ElementType!);
        for (var i = 0; i < asked.Count; i++) sizes[asked[i].Name] = Measure.Of(found[i], asked[i].ElementType!);
        return new(onnx.Inputs, [.. onnx.Outputs.Where(output => own.Contains(output.Name))], sizes, fed);
    }

    static long[] Shape(string path, OnnxTensorInfo input)
    {
        if (input.Shape.Skip(1).Any(size => size < 0)) throw new InvalidDataException(
            $"{path} takes {input}, and more than its first axis is open: say its shape with --input {input.Name}={string.Join(',', input.Shape.Select((size, i) => size > 0 ? size : i == 0 ? 1 : 16))}.");
        return [.. input.Shape.Select(size => size < 0 ? 1 : size)];
    }
}

/// <summary>Shape and bytes of one result.</summary>
readonly record struct Measure(IReadOnlyList<long> Shape, long Bytes)
{
    public long Numbers => Shape.Aggregate(1L, (product, size) => product * size);

    public static Measure Of(IReadOnlyList<long> shape, Type element) => new(shape, shape.Aggregate(Size(element), (product, length) => product * length));

    /// <summary>The bytes as they would be, however many.</summary>
    public static double Size(IReadOnlyList<long> shape, Type element) => shape.Aggregate((double)Size(element), (product, length) => product * length);

    static long Size(Type element) => element == typeof(long) || element == typeof(double) ? 8 : element == typeof(float) || element == typeof(int) ? 4 : element == typeof(Half) ? 2 : 1;
}
