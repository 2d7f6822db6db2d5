namespace Retort.Export;

/// <summary>
/// The one table from the recorder's words to nodes of ONNX, opset 17: what that opset has no operator for is written in
/// those it has.
/// </summary>
static class OnnxOps
{
    /// <summary>The set of operators that is written; every runtime since 2022 knows it.</summary>
    public const long Opset = 17;

    /// <summary>A word's nodes; the name of its result is returned.</summary>
    public delegate string Writer(GraphDraft graph, RecordedOperator word);

    static readonly Dictionary<string, Writer> Words = new()
    {
        ["Add"] = WithNumber, ["Mul"] = WithNumber, ["Max"] = WithNumber,
        ["Cast"] = (graph, word) => graph.Node("Cast", word.Inputs, ("to", word.Text("to") == "bool" ? 9L : 1L)),     // TensorProto.DataType
        ["Sub"] = Plain, ["Div"] = Plain,
        ["Sqrt"] = Plain, ["Exp"] = Plain, ["Log"] = Plain,
        ["Relu"] = Plain, ["Sigmoid"] = Plain, ["HardSwish"] = Plain, ["Tanh"] = Plain, ["Softplus"] = Plain,
        ["LeakyRelu"] = Plain, ["Elu"] = Plain, ["HardSigmoid"] = Plain,
        ["Softmax"] = Plain, ["LogSoftmax"] = Plain,
        ["Conv"] = Plain, ["MaxPool"] = Plain, ["AveragePool"] = Plain, ["BatchNormalization"] = Plain, ["LayerNormalization"] = Plain,
        ["MatMul"] = Plain, ["Flatten"] = Plain, ["Concat"] = Plain, ["Gather"] = Plain,
        ["ReduceMean"] = Plain, ["ReduceMax"] = Plain,
        ["ReduceSum"] = (graph, word) => graph.Node("ReduceSum", [word.Inputs[0], graph.Constant(word.Sizes("axes"))], ("keepdims", word.Value("keepdims"))),
        ["Identity"] = (_, word) => word.Inputs[0],
        ["Clip"] = (graph, word) => graph.Node("Clip", [word.Inputs[0], graph.Constant(word.Number("min")), graph.Constant(word.Number("max"))]),
        ["Silu"] = (graph, word) => graph.Node("Mul", [word.Inputs[0], graph.Node("Sigmoid", [word.Inputs[0]])]),
        ["Gelu"] = Gelu,
        ["Gemm"] = Gemm,
        ["Where"] = (graph, word) => graph.Node("Where", [.. word.Inputs, graph.Constant(word.Number("value"))]),
        ["Transpose"] = (graph, word) =>
            graph.Node("Transpose", [word.Inputs[0]], ("perm", word.Sizes("perm").Fixed.Select(axis => axis < 0 ? axis + word.Rank : axis).ToArray())),
        ["Reshape"] = (graph, word) => graph.Node("Reshape", [word.Inputs[0], graph.Constant(Reshaped(word.Sizes("shape")))]),
        ["Expand"] = (graph, word) => graph.Node("Expand", [word.Inputs[0], graph.Constant(word.Result)]),      // -1 keeps a length in PyTorch, not in ONNX
        ["Unsqueeze"] = WithAxes, ["Squeeze"] = WithAxes,
        ["Slice"] = (graph, word) => graph.Node("Slice",
            [word.Inputs[0], .. new[] { "starts", "ends", "axes", "steps" }.Select(key => graph.Constant(word.Sizes(key)))]),
        ["Resize"] = (graph, word) => graph.Node("Resize",
            [word.Inputs[0], "", graph.Constant([4], [.. word.Sizes("scales").Fixed.Select(scale => (float)scale)])],
            ("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")),
        ["Pad"] = (graph, word) => graph.Node("Pad", [word.Inputs[0], graph.Constant(word.Sizes("pads"))]),
        ["GroupNormalization"] = GroupNorm,
    };

    /// <summary>Why words are not written that a network may use.</summary>
    static readonly Dictionary<string, string> Refused = new()
    {
        ["Dropout"] = "it draws numbers, which belongs to training: call eval() before the network is exported",
    };

    /// <summary>All words that have an entry, written or refused.</summary>
    public static IEnumerable<string> Known => Words.Keys.Concat(Refused.Keys);

    /// <summary>Writes a word; one that has no nodes is refused with its reason.</summary>
    public static string Write(GraphDraft graph, RecordedOperator word) =>
        Words.TryGetValue(word.Name, out var write) ? write(graph, word)
        : throw new NotSupportedException($"{word.Name} cannot be exported: {Refused.GetValueOrDefault(word.Name, "no operator of ONNX is known for it")}.");

    static string Plain(GraphDraft graph, RecordedOperator word) => graph.Node(word.Name, word.Inputs, word.Attributes);

    static string WithNumber(GraphDraft graph, RecordedOperator word) =>
        graph.Node(word.Name, word.Has("value") ? [word.Inputs[0], graph.Constant(word.Number("value"))] : word.Inputs);

    static string WithAxes(GraphDraft graph, RecordedOperator word) => graph.Node(word.Name, [word.Inputs[0], graph.Constant(word.Sizes("axes"))]);

    // x W^T + b; Gemm takes two axes only, so with more it is a product with the transpose
    static string Gemm(GraphDraft graph, RecordedOperator word)
    {
        if (word.Rank == 2) return Plain(graph, word);
        var product = graph.Node("MatMul", [word.Inputs[0], graph.Node("Transpose", [word.Inputs[1]], ("perm", new[] { 1L, 0 }))]);
        return word.Inputs.Count == 2 ? product : graph.Node("Add", [product, word.Inputs[2]]);
    }

    // opset 20 has Gelu; until then ½ x (1 + erf(x / √2)), or with tanh(√(2/π) (x + 0.044715 x³)) in place of erf
    static string Gelu(GraphDraft graph, RecordedOperator word)
    {
        var x = word.Inputs[0];
        string inner;
        if (word.Text("approximate") == "none")
            inner = graph.Node("Erf", [graph.Node("Div", [x, graph.Constant(Math.Sqrt(2))])]);
        else
        {
            var cube = graph.Node("Mul", [graph.Node("Mul", [x, x]), x]);
            var sum = graph.Node("Add", [x, graph.Node("Mul", [cube, graph.Constant(0.044715)])]);
            inner = graph.Node("Tanh", [graph.Node("Mul", [sum, graph.Constant(Math.Sqrt(2 / Math.PI))])]);
        }
        var weighed = graph.Node("Mul", [x, graph.Node("Add", [inner, graph.Constant(1.0)])]);
        return graph.Node("Mul", [weighed, graph.Constant(0.5)]);
    }

    // a reshape follows the batch by -1, unless something else has it already
    static Sizes Reshaped(Sizes shape)
    {
        var grown = Enumerable.Range(0, shape.Fixed.Count).Where(i => shape.PerExample[i] != 0).ToList();
        if (grown.Count != 1 || shape.Fixed.Contains(-1)) return shape;
        return new([.. shape.Fixed.Select((number, i) => i == grown[0] ? -1 : number)], new long[shape.Fixed.Count]);
    }

    // opset 21 has one with a scale a channel; until then each group is an instance's channel: [B, C, ..] → [B, groups, -1]
    static string GroupNorm(GraphDraft graph, RecordedOperator word)
    {
        var groups = (long)word.Value("num_groups");
        var shape = word.InputShapes[0];
        var (ones, zeros) = (new float[groups], new float[groups]);
        Array.Fill(ones, 1);
        var cut = graph.Node("Reshape", [word.Inputs[0], graph.Constant(0, groups, -1)]);
        var normed = graph.Node("InstanceNormalization", [cut, graph.Constant([groups], ones), graph.Constant([groups], zeros)], ("epsilon", word.Value("epsilon")));
        var whole = graph.Node("Reshape", [normed, graph.Constant([0, .. shape.Skip(1)])]);
        long[] channels = [1, shape[1], .. Enumerable.Repeat(1L, shape.Count - 2)];
        var scaled = graph.Node("Mul", [whole, graph.Node("Reshape", [word.Inputs[1], graph.Constant(channels)])]);
        return graph.Node("Add", [scaled, graph.Node("Reshape", [word.Inputs[2], graph.Constant(channels)])]);
    }
}
