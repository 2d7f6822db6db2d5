using Retort.Runtime.Wire;
using Element = Retort.Runtime.Wire.TensorProto.Types.DataType;

namespace Retort.Export;

/// <summary>
/// A transformer in 8-bit integers. The activations of a transformer have outliers that depend on the token, so one
/// range for all inputs, as <see cref="Quantization"/> sets it, costs tens of points. Here each call computes the range
/// of each linear layer's operand (DynamicQuantizeLinear, MatMulInteger). Weights of linear layers are int8, symmetric,
/// with a scale for each output; embedding tables int8 with a scale for each row. All else stays float32.
/// </summary>
static class DynamicQuantization
{
    /// <summary>Whether a graph is a transformer: it has a product of two activations.</summary>
    public static bool Fits(ModelProto model)
    {
        var graph = model.Graph;
        var constants = Quantization.Constants(graph);
        return graph.Node.Any(node => node.OpType == "MatMul" && !node.Input.Any(constants.Contains));
    }

    /// <summary>The graph with integer products and tables.</summary>
    public static ModelProto Of(ModelProto model)
    {
        var quantized = model.Clone();
        var graph = quantized.Graph;
        var operands = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in graph.Node.ToList())
            if (node.OpType is "MatMul" or "Gemm") QuantizeProduct(graph, node, operands);
            else if (node.OpType == "Gather") QuantizeTable(graph, node);
        Folding.Prune(graph);
        return quantized;
    }

    // x W + b becomes float(x.uint8 W.int8) · x.scale · W.scale + b
    static void QuantizeProduct(GraphProto graph, NodeProto node, HashSet<string> operands)
    {
        if (node.Attribute.Any(one => one.Name is "alpha" or "beta" && one.F != 1 || one is { Name: "transA", I: 1 }))
            return;

        var found = Quantization.WeightOf(graph, node.Input[1]);
        if (found is not { Dims.Count: 2 }) return;

        var weight = Folding.IsLinear(node) ? Quantization.Transposed(found) : found;       // [I, O]
        var (x, name, at) = (node.Input[0], node.Output[0], graph.Node.IndexOf(node));
        var w = Small(graph, weight, (int)weight.Dims[1], inner: 1, [weight.Dims[1]]);
        graph.Node.RemoveAt(at);
        var nodes = new List<NodeProto>();
        if (operands.Add(x)) nodes.Add(new()
        {
            OpType = "DynamicQuantizeLinear", Name = x + ".dynamic", Input = { x },
            Output = { x + ".uint8", x + ".operandScale", x + ".zero" },
        });
        nodes.Add(Node("Mul", [x + ".operandScale", w.Scale], name + ".productScale"));
        nodes.Add(Node("MatMulInteger", [x + ".uint8", w.Numbers, x + ".zero"], name + ".int32"));
        nodes.Add(Cast(name + ".int32", name + ".float32"));
        var bias = node.Input.Count > 2 && node.Input[2].Length > 0 ? node.Input[2] : null;
        var product = bias is null ? name : name + ".product";
        nodes.Add(Node("Mul", [name + ".float32", name + ".productScale"], product));
        if (bias is not null) nodes.Add(Node("Add", [product, bias], name));
        foreach (var added in nodes) graph.Node.Insert(at++, added);
    }

    // table[ids] becomes float(table.int8[ids]) · scale[ids]
    static void QuantizeTable(GraphProto graph, NodeProto node)
    {
        var table = Folding.Weight(graph, node.Input[0]);
        if (table is not { DataType: (int)Element.Float, Dims.Count: 2 }) return;
        if (node.Attribute.Any(one => one is { Name: "axis", I: not 0 })) return;

        var (name, ids, at) = (node.Output[0], node.Input[1], graph.Node.IndexOf(node));
        var rows = Small(graph, table, (int)table.Dims[0], inner: (int)table.Dims[1], [table.Dims[0], 1]);
        graph.Node.RemoveAt(at);
        foreach (var added in (NodeProto[])
        [
            Node("Gather", [rows.Numbers, ids], name + ".rows"),
            Cast(name + ".rows", name + ".float32"),
            Node("Gather", [rows.Scale, ids], name + ".rowScale"),
            Node("Mul", [name + ".float32", name + ".rowScale"], name),
        ]) graph.Node.Insert(at++, added);
    }

    // a weight that several nodes read is there once
    static (string Numbers, string Scale) Small(
        GraphProto graph, TensorProto weight, int channels, int inner, IReadOnlyList<long> shapeOfScale)
    {
        var (name, scale) = ($"{weight.Name}.int8.{channels}", $"{weight.Name}.scale.{channels}");
        if (Folding.Weight(graph, name) is null)
        {
            var numbers = GraphWiring.Read(weight);
            var scales = Quantization.ScalesOf(numbers, channels, inner);
            var small = Quantization.Rounded(numbers, scales, inner);
            graph.Initializer.Add(GraphWiring.Of<sbyte>(name, Element.Int8, weight.Dims, small));
            graph.Initializer.Add(GraphWiring.Floats(scale, shapeOfScale, scales));
        }
        return (name, scale);
    }

    static NodeProto Node(string type, IReadOnlyList<string> inputs, string output) =>
        new() { OpType = type, Name = output + ".node", Input = { inputs }, Output = { output } };

    static NodeProto Cast(string input, string output)
    {
        var cast = Node("Cast", [input], output);
        cast.Attribute.Add(GraphWiring.Attribute("to", (long)Element.Float));
        return cast;
    }
}
