using Retort.Runtime.Wire;
using Element = Retort.Runtime.Wire.TensorProto.Types.DataType;

namespace Retort.Runtime;

/// <summary>What of a graph depends on no input, and which of it was trained.</summary>
sealed class OnnxConstants
{
    readonly Dictionary<string, TensorProto> _weights = new(StringComparer.Ordinal);
    readonly Dictionary<string, NodeProto> _makers = new(StringComparer.Ordinal);
    readonly HashSet<string> _names = new(StringComparer.Ordinal);
    readonly HashSet<string> _trained = new(StringComparer.Ordinal);

    OnnxConstants() { }

    /// <summary>Trained numbers of the whole graph.</summary>
    public long Parameters => _trained.Sum(name => Numbers(_weights[name]));

    /// <summary>Shapes of initializers and of Constant nodes.</summary>
    public Dictionary<string, IReadOnlyList<long>> Shapes { get; } = new(StringComparer.Ordinal);

    public static OnnxConstants Of(GraphProto graph)
    {
        var made = new OnnxConstants();
        foreach (var weight in graph.Initializer)
        {
            made._weights[weight.Name] = weight;
            made.Shapes[weight.Name] = weight.Dims;
            made._names.Add(weight.Name);
        }
        foreach (var node in graph.Node)
        {
            if (node.Input.Any(input => input.Length > 0 && !made._names.Contains(input)) || node.OpType is "RandomNormal" or "RandomUniform") continue;
            foreach (var output in node.Output)
            {
                made._names.Add(output);
                made._makers[output] = node;
            }
            if (node.OpType == "Constant" && node.Attribute.FirstOrDefault(one => one.T is not null)?.T is { } value) made.Shapes[node.Output[0]] = value.Dims;
        }
        foreach (var node in graph.Node)
            for (var i = 0; i < node.Input.Count; i++)
                if (made._weights.TryGetValue(node.Input[i], out var weight) && IsTrained(node, i, weight)) made._trained.Add(weight.Name);
        return made;
    }

    /// <summary>Whether a value depends on no input.</summary>
    public bool Has(string name) => _names.Contains(name);

    /// <summary>The trained initializers that a value is made from, itself among them, less those that were seen before.</summary>
    /// <param name="name">The value.</param>
    /// <param name="seen">Values that were looked into; what is looked into now is added, so that each is once, however often it is read.</param>
    public IReadOnlyList<string> Trained(string name, HashSet<string> seen)
    {
        var (found, open) = (new List<string>(), new Stack<string>([name]));
        while (open.TryPop(out var next))
        {
            if (!seen.Add(next)) continue;
            if (_trained.Contains(next)) found.Add(next);
            else if (_makers.TryGetValue(next, out var maker)) foreach (var input in maker.Input) open.Push(input);
        }
        return found;
    }

    public long Numbers(string name) => Numbers(_weights[name]);

    static long Numbers(TensorProto tensor) => tensor.Dims.Aggregate(1L, (product, size) => checked(product * size));

    // in floating point, or in integers that a scale makes floating; not a norm's running figures, not a scale or zero point
    static bool IsTrained(NodeProto node, int input, TensorProto weight) => node.OpType switch
    {
        "DequantizeLinear" or "QuantizeLinear" => input == 0,
        "BatchNormalization" => input < 3,
        "QLinearConv" or "QLinearMatMul" => input is 3 or 8,
        "ConvInteger" or "MatMulInteger" => input == 1,
        "Resize" => false,
        _ => (Element)weight.DataType is Element.Float or Element.Float16 or Element.Double or Element.Bfloat16,
    };
}
