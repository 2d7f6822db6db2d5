using Retort.Runtime.Wire;

namespace Retort.Runtime;

/// <summary>What one example costs a graph, counted on its nodes and the shapes of their results.</summary>
sealed class OnnxCost
{
    /// <summary>Their result is the first operand's numbers in another shape; of DequantizeLinear integer kernels read the integers.</summary>
    static readonly HashSet<string> Views = ["Flatten", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Expand", "Slice", "Identity", "Dropout", "DequantizeLinear"];

    static readonly HashSet<string> Otherwise = ["LSTM", "GRU", "RNN", "Einsum", "Attention", "DeformConv", "If", "Loop", "Scan", "DFT", "STFT"];

    readonly GraphProto _graph;
    readonly OnnxConstants _constant;
    readonly IReadOnlyDictionary<string, Measure> _sizes;

    public OnnxCost(GraphProto graph, OnnxConstants constant, IReadOnlyDictionary<string, Measure> sizes)
    {
        (_graph, _constant, _sizes) = (graph, constant, sizes);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        Layers = [.. graph.Node.Where(node => !node.Output.All(constant.Has)).Select(node => new Layer(
            node.Name.Length > 0 ? node.Name : node.Output[0], node.OpType, Size(node.Output[0]).Shape,
            node.Input.SelectMany(input => constant.Trained(input, seen)).Sum(constant.Numbers), Products(node)))];
        NotCounted = [.. graph.Node.Where(node => Otherwise.Contains(node.OpType) || node.Domain is not ("" or "ai.onnx"))
            .Select(node => node.Domain is "" or "ai.onnx" ? node.OpType : $"{node.Domain}.{node.OpType}").Distinct(StringComparer.Ordinal)];
    }

    public IReadOnlyList<Layer> Layers { get; }

    public IReadOnlyList<string> NotCounted { get; }

    /// <summary>The most bytes that live at one node.</summary>
    public long Peak()
    {
        var places = new Dictionary<string, Place>(StringComparer.Ordinal);
        foreach (var input in _graph.Input)
            if (!_constant.Has(input.Name)) places[input.Name] = new(0, Size(input.Name).Bytes);
        var at = 0;
        foreach (var node in _graph.Node)
        {
            if (node.Output.All(_constant.Has)) continue;
            foreach (var input in node.Input)
                if (places.TryGetValue(input, out var read)) read.Last = at;
            var looked = Views.Contains(node.OpType) && places.TryGetValue(node.Input[0], out var place) ? place : null;
            foreach (var output in node.Output)
                if (output.Length > 0) places[output] = looked ?? new(at, Size(output).Bytes);
            at++;
        }
        foreach (var output in _graph.Output)
            if (places.TryGetValue(output.Name, out var place)) place.Last = at;
        return places.Values.Distinct().SelectMany(place => new[] { (At: place.First, Bytes: place.Bytes), (At: place.Last + 1, Bytes: -place.Bytes) })
            .GroupBy(change => change.At).OrderBy(group => group.Key)
            .Aggregate((Now: 0L, Most: 0L), (sum, group) => sum.Now + group.Sum(change => change.Bytes) is var now ? (now, Math.Max(sum.Most, now)) : sum).Most;
    }

    long Products(NodeProto node) => node.OpType switch
    {
        "Conv" or "ConvInteger" => Size(node.Output[0]).Numbers * PerResult(node.Input[1]),
        "QLinearConv" => Size(node.Output[0]).Numbers * PerResult(node.Input[3]),
        "ConvTranspose" => Size(node.Input[0]).Numbers * PerResult(node.Input[1]),
        "MatMul" or "MatMulInteger" or "QLinearMatMul" => Size(node.Output[0]).Numbers * (Size(node.Input[0]).Shape is [.., var inner] ? inner : 0),
        "Gemm" => Size(node.Output[0]).Numbers * (Size(node.Input[0]).Shape is [var rows, var columns] ? node.Attribute.Any(one => one is { Name: "transA", I: 1 }) ? rows : columns : 0),
        _ => 0,
    };

    // of a kernel: inputs / groups · its area
    long PerResult(string weight) => Size(weight) is { Shape: [> 0 and var first, ..] } size ? size.Numbers / first : 0;

    Measure Size(string name) => _sizes.TryGetValue(name, out var size) ? size : new([], 0);

    /// <summary>A piece of memory, from the node that fills it to the last that reads it.</summary>
    sealed class Place(int first, long bytes)
    {
        public int First { get; } = first;
        public long Bytes => bytes;
        public int Last { get; set; } = first;
    }
}
