using Retort.Runtime.Wire;
using DataType = Retort.Runtime.Wire.TensorProto.Types.DataType;

namespace Retort.Runtime;

/// <summary>The values of a graph that depend on no input, and which of them are trained parameters.</summary>
sealed class OnnxConstants
{
    readonly Dictionary<string, TensorProto> _initializers = new(StringComparer.Ordinal);
    readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);
    readonly HashSet<string> _names = new(StringComparer.Ordinal);
    readonly HashSet<string> _trained = new(StringComparer.Ordinal);

    OnnxConstants() { }

    /// <summary>Elements of all trained parameters.</summary>
    public long Parameters => _trained.Sum(CountElements);

    /// <summary>
    /// Elements of all trained parameters and of all floating-point buffers, such as running statistics.
    /// </summary>
    public long Weights => _initializers
        .Where(pair => _trained.Contains(pair.Key) || IsFloatingPoint(pair.Value)).Sum(pair => CountElements(pair.Key));

    /// <summary>Shapes of initializers and of the results of Constant nodes.</summary>
    public Dictionary<string, IReadOnlyList<long>> Shapes { get; } = new(StringComparer.Ordinal);

    public static OnnxConstants Of(GraphProto graph)
    {
        var constants = new OnnxConstants();
        foreach (var initializer in graph.Initializer)
        {
            constants._initializers[initializer.Name] = initializer;
            constants.Shapes[initializer.Name] = initializer.Dims;
            constants._names.Add(initializer.Name);
        }
        foreach (var node in graph.Node) constants.AddConstantNode(node);
        foreach (var node in graph.Node) constants.AddTrained(node);
        return constants;
    }

    void AddConstantNode(NodeProto node)
    {
        if (node.OpType is "RandomNormal" or "RandomUniform") return;
        if (node.Input.Any(input => input.Length > 0 && !_names.Contains(input))) return;

        foreach (var output in node.Output)
        {
            _names.Add(output);
            _producers[output] = node;
        }
        if (node.OpType != "Constant") return;
        if (node.Attribute.FirstOrDefault(attribute => attribute.T is not null)?.T is { } value)
            Shapes[node.Output[0]] = value.Dims;
    }

    void AddTrained(NodeProto node)
    {
        for (var i = 0; i < node.Input.Count; i++)
            if (_initializers.TryGetValue(node.Input[i], out var initializer) && IsTrained(node, i, initializer))
                _trained.Add(initializer.Name);
    }

    /// <summary>Whether a value depends on no input.</summary>
    public bool Contains(string name) => _names.Contains(name);

    /// <summary>The trained initializers that a value is computed from, itself included.</summary>
    /// <param name="name">The value.</param>
    /// <param name="seen">
    /// Values that were visited before. They are left out, and visited ones are added, so that a parameter is counted
    /// once however often it is read.
    /// </param>
    public IReadOnlyList<string> TrainedSourcesOf(string name, HashSet<string> seen)
    {
        var found = new List<string>();
        var open = new Stack<string>([name]);
        while (open.TryPop(out var next))
        {
            if (!seen.Add(next)) continue;

            if (_trained.Contains(next)) found.Add(next);
            else if (_producers.TryGetValue(next, out var producer))
                foreach (var input in producer.Input) open.Push(input);
        }
        return found;
    }

    /// <summary>Elements of an initializer.</summary>
    public long CountElements(string name) =>
        _initializers[name].Dims.Aggregate(1L, (product, size) => checked(product * size));

    // Floating-point values, or integers that a scale makes floating-point; no running statistics of a norm, no scales,
    // no zero points.
    static bool IsTrained(NodeProto node, int input, TensorProto initializer) => node.OpType switch
    {
        "DequantizeLinear" or "QuantizeLinear" => input == 0,
        "BatchNormalization" => input < 3,
        "QLinearConv" or "QLinearMatMul" => input is 3 or 8,
        "ConvInteger" or "MatMulInteger" => input == 1,
        "Resize" => false,
        _ => IsFloatingPoint(initializer),
    };

    static bool IsFloatingPoint(TensorProto initializer) => (DataType)initializer.DataType
        is DataType.Float or DataType.Float16 or DataType.Double or DataType.Bfloat16;
}
