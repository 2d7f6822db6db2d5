using Element = Retort.Runtime.Wire.TensorProto.Types.DataType;

namespace Retort.Export;

/// <summary>
/// The table from recorded operators to nodes of ONNX, opset 17. What that opset has no operator for is written in
/// those it has.
/// </summary>
static class OnnxOps
{
    /// <summary>The set of operators that is written; every runtime since 2022 has it.</summary>
    public const long Opset = 17;

    /// <summary>Writes an operator's nodes and returns the name of its result.</summary>
    public delegate string Writer(GraphDraft graph, RecordedOperator op);

    // operators that ONNX has with the same operands and attributes
    static readonly HashSet<string> s_plain =
    [
        "Sub", "Div", "Sqrt", "Exp", "Log", "Relu", "Sigmoid", "HardSwish", "Tanh", "Softplus", "LeakyRelu", "Elu",
        "HardSigmoid", "Softmax", "LogSoftmax", "Conv", "MaxPool", "AveragePool", "BatchNormalization",
        "LayerNormalization", "MatMul", "Flatten", "Concat", "Gather", "ReduceMean", "ReduceMax",
    ];

    static readonly Dictionary<string, Writer> s_writers = new()
    {
        ["Add"] = WithNumber,
        ["Mul"] = WithNumber,
        ["Max"] = WithNumber,
        ["ReduceSum"] = ReduceSum,
        ["Identity"] = (_, op) => op.Inputs[0],
        ["Clip"] = Clip,
        ["Silu"] = (graph, op) => graph.Node("Mul", [op.Inputs[0], graph.Node("Sigmoid", [op.Inputs[0]])]),
        ["Gelu"] = Gelu,
        ["Gemm"] = Gemm,
        ["Where"] = (graph, op) => graph.Node("Where", [.. op.Inputs, graph.Constant(op.Number("value"))]),
        ["Cast"] = (graph, op) => graph.Node("Cast", op.Inputs, ("to", (long)ElementOf(op.Text("to")))),
        ["Transpose"] = Transpose,
        ["Reshape"] = (graph, op) =>
            graph.Node("Reshape", [op.Inputs[0], graph.Constant(WithInferred(op.Sizes("shape")))]),
        ["Expand"] = (graph, op) =>
            graph.Node("Expand", [op.Inputs[0], graph.Constant(op.Result)]),       // ONNX has no -1 for "as it is"
        ["Unsqueeze"] = WithAxes,
        ["Squeeze"] = WithAxes,
        ["Slice"] = Slice,
        ["Resize"] = Resize,
        ["Pad"] = (graph, op) => graph.Node("Pad", [op.Inputs[0], graph.Constant(op.Sizes("pads"))]),
        ["GroupNormalization"] = GroupNormalization,
        ["Dropout"] = (_, _) => throw new NotSupportedException("Dropout cannot be exported: it draws numbers, which "
            + "belongs to training: call eval() before the network is exported."),
    };

    /// <summary>All operators that have an entry, written or refused.</summary>
    public static IEnumerable<string> Known => s_plain.Concat(s_writers.Keys);

    /// <summary>Writes an operator.</summary>
    /// <exception cref="NotSupportedException">It has no nodes; the message says why.</exception>
    public static string Write(GraphDraft graph, RecordedOperator op)
    {
        if (s_plain.Contains(op.Name)) return Plain(graph, op);
        if (s_writers.TryGetValue(op.Name, out var write)) return write(graph, op);
        throw new NotSupportedException($"{op.Name} cannot be exported: no operator of ONNX is known for it.");
    }

    static string Plain(GraphDraft graph, RecordedOperator op) => graph.Node(op.Name, op.Inputs, op.Attributes);

    static string WithNumber(GraphDraft graph, RecordedOperator op) => graph.Node(
        op.Name, op.Has("value") ? [op.Inputs[0], graph.Constant(op.Number("value"))] : op.Inputs);

    static string WithAxes(GraphDraft graph, RecordedOperator op) =>
        graph.Node(op.Name, [op.Inputs[0], graph.Constant(op.Sizes("axes"))]);

    static string ReduceSum(GraphDraft graph, RecordedOperator op) => graph.Node(
        "ReduceSum", [op.Inputs[0], graph.Constant(op.Sizes("axes"))], ("keepdims", op.Value("keepdims")));

    static string Clip(GraphDraft graph, RecordedOperator op)
    {
        var (min, max) = (graph.Constant(op.Number("min")), graph.Constant(op.Number("max")));
        return graph.Node("Clip", [op.Inputs[0], min, max]);
    }

    static string Transpose(GraphDraft graph, RecordedOperator op)
    {
        var order = op.Sizes("perm").Constants.Select(axis => axis < 0 ? axis + op.Rank : axis).ToArray();
        return graph.Node("Transpose", [op.Inputs[0]], ("perm", order));
    }

    static string Slice(GraphDraft graph, RecordedOperator op)
    {
        string[] keys = ["starts", "ends", "axes", "steps"];
        return graph.Node("Slice", [op.Inputs[0], .. keys.Select(key => graph.Constant(op.Sizes(key)))]);
    }

    static string Resize(GraphDraft graph, RecordedOperator op)
    {
        float[] scales = [.. op.Sizes("scales").Constants.Select(scale => (float)scale)];
        return graph.Node("Resize", [op.Inputs[0], "", graph.Constant([4], scales)],
            ("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor"));
    }

    // x Wᵀ + b; Gemm takes two axes only, so with more it is a product with the transpose
    static string Gemm(GraphDraft graph, RecordedOperator op)
    {
        if (op.Rank == 2) return Plain(graph, op);
        var transposed = graph.Node("Transpose", [op.Inputs[1]], ("perm", new[] { 1L, 0 }));
        var product = graph.Node("MatMul", [op.Inputs[0], transposed]);
        return op.Inputs.Count == 2 ? product : graph.Node("Add", [product, op.Inputs[2]]);
    }

    // opset 20 has Gelu; until then ½ x (1 + erf(x / √2)), or with tanh(√(2/π) (x + 0.044715 x³)) in place of erf
    static string Gelu(GraphDraft graph, RecordedOperator op)
    {
        var x = op.Inputs[0];
        string inner;
        if (op.Text("approximate") == "none")
            inner = graph.Node("Erf", [graph.Node("Div", [x, graph.Constant(Math.Sqrt(2))])]);
        else
        {
            var cube = graph.Node("Mul", [graph.Node("Mul", [x, x]), x]);
            var sum = graph.Node("Add", [x, graph.Node("Mul", [cube, graph.Constant(0.044715)])]);
            inner = graph.Node("Tanh", [graph.Node("Mul", [sum, graph.Constant(Math.Sqrt(2 / Math.PI))])]);
        }
        var weighted = graph.Node("Mul", [x, graph.Node("Add", [inner, graph.Constant(1.0)])]);
        return graph.Node("Mul", [weighted, graph.Constant(0.5)]);
    }

    // where one size of a reshape depends on a free axis it is -1, unless another size is -1 already
    static Sizes WithInferred(Sizes shape)
    {
        var open = Enumerable.Range(0, shape.Items.Count).Where(i => !shape.Items[i].IsFixed).ToList();
        if (open.Count != 1 || shape.Constants.Contains(-1)) return shape;
        return new([.. shape.Items.Select((size, i) => i == open[0] ? Fixed(-1) : size)]);
    }

    // opset 21 has one with a scale a channel; until then each group is a channel of an instance norm
    static string GroupNormalization(GraphDraft graph, RecordedOperator op)
    {
        var groups = (long)op.Value("num_groups");
        var shape = op.InputShape(0).Items;
        var (ones, zeros) = (new float[groups], new float[groups]);
        Array.Fill(ones, 1);
        var grouped = graph.Node("Reshape", [op.Inputs[0], graph.Constant(0, groups, -1)]);        // [B, groups, -1]
        string[] operands = [grouped, graph.Constant([groups], ones), graph.Constant([groups], zeros)];
        var normalized = graph.Node("InstanceNormalization", operands, ("epsilon", op.Value("epsilon")));
        var whole = graph.Node("Reshape", [normalized, graph.Constant(new Sizes([Fixed(0), .. shape.Skip(1)]))]);
        long[] channels = [1, shape[1].Constant, .. Enumerable.Repeat(1L, shape.Count - 2)];
        var scaled = graph.Node("Mul", [whole, graph.Node("Reshape", [op.Inputs[1], graph.Constant(channels)])]);
        return graph.Node("Add", [scaled, graph.Node("Reshape", [op.Inputs[2], graph.Constant(channels)])]);
    }

    static GraphSize Fixed(long size) => new([size]);

    static Element ElementOf(string type) => type == "bool" ? Element.Bool : Element.Float;
}
