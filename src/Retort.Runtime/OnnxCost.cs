using Retort.Runtime.Wire;

namespace Retort.Runtime;

/// <summary>
/// What inference of one example costs, counted on the nodes of a graph and the shapes of their results.
/// </summary>
sealed class OnnxCost
{
    /// <summary>
    /// Operators whose result is their first operand in another shape. DequantizeLinear counts too, since integer
    /// kernels read the integers.
    /// </summary>
    static readonly HashSet<string> s_views =
    [
        "Flatten", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Expand", "Slice", "Identity", "Dropout",
        "DequantizeLinear",
    ];

    /// <summary>Operators with multiply-adds that are not counted here.</summary>
    static readonly HashSet<string> s_notCounted =
        ["LSTM", "GRU", "RNN", "Einsum", "Attention", "DeformConv", "If", "Loop", "Scan", "DFT", "STFT"];

    readonly GraphProto _graph;
    readonly OnnxConstants _constants;
    readonly IReadOnlyDictionary<string, OnnxValueSize> _sizes;

    public OnnxCost(
        GraphProto graph, OnnxConstants constants, IReadOnlyDictionary<string, OnnxValueSize> sizes)
    {
        _graph = graph;
        _constants = constants;
        _sizes = sizes;

        var seen = new HashSet<string>(StringComparer.Ordinal);
        Layers = [.. graph.Node.Where(node => !IsConstant(node)).Select(node => ToLayer(node, seen))];
        NotCounted = [.. graph.Node
            .Where(node => s_notCounted.Contains(node.OpType) || !IsStandard(node))
            .Select(node => IsStandard(node) ? node.OpType : $"{node.Domain}.{node.OpType}")
            .Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Every node that depends on an input, in the graph's order.</summary>
    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>Operators whose multiply-adds are not counted.</summary>
    public IReadOnlyList<string> NotCounted { get; }

    /// <summary>The peak of live activation bytes.</summary>
    public long PeakBytes()
    {
        // views share the buffer of their operand
        var memory = new Dictionary<string, Buffer>(StringComparer.Ordinal);
        foreach (var input in _graph.Input)
            if (!_constants.Contains(input.Name)) memory[input.Name] = new(0, SizeOf(input.Name).Bytes);

        var step = 0;
        foreach (var node in _graph.Node)
        {
            if (IsConstant(node)) continue;

            foreach (var input in node.Input)
                if (memory.TryGetValue(input, out var read)) read.LastUse = step;
            Buffer? viewed = null;
            if (s_views.Contains(node.OpType)) memory.TryGetValue(node.Input[0], out viewed);
            foreach (var output in node.Output)
                if (output.Length > 0) memory[output] = viewed ?? new(step, SizeOf(output).Bytes);
            step++;
        }
        foreach (var output in _graph.Output)
            if (memory.TryGetValue(output.Name, out var buffer)) buffer.LastUse = step;
        return PeakOf(memory.Values.Distinct());
    }

    static long PeakOf(IEnumerable<Buffer> buffers)
    {
        var changes = new SortedDictionary<int, long>();                    // step → change of the live bytes
        foreach (var buffer in buffers)
        {
            changes[buffer.FirstUse] = changes.GetValueOrDefault(buffer.FirstUse) + buffer.Bytes;
            changes[buffer.LastUse + 1] = changes.GetValueOrDefault(buffer.LastUse + 1) - buffer.Bytes;
        }

        long live = 0;
        long peak = 0;
        foreach (var change in changes.Values)
        {
            live += change;
            peak = Math.Max(peak, live);
        }
        return peak;
    }

    Layer ToLayer(NodeProto node, HashSet<string> seen)
    {
        var name = node.Name.Length > 0 ? node.Name : node.Output[0];
        var parameters = node.Input
            .SelectMany(input => _constants.TrainedSourcesOf(input, seen))
            .Sum(_constants.CountElements);
        return new(name, node.OpType, SizeOf(node.Output[0]).Shape, parameters, CountMultiplyAdds(node));
    }

    long CountMultiplyAdds(NodeProto node)
    {
        switch (node.OpType)
        {
            case "Conv" or "ConvInteger":
                return SizeOf(node.Output[0]).ElementCount * KernelSize(node.Input[1]);

            case "QLinearConv":
                return SizeOf(node.Output[0]).ElementCount * KernelSize(node.Input[3]);

            case "ConvTranspose":
                return SizeOf(node.Input[0]).ElementCount * KernelSize(node.Input[1]);

            case "MatMul" or "MatMulInteger" or "QLinearMatMul":
                var inner = SizeOf(node.Input[0]).Shape is [.., var last] ? last : 0;
                return SizeOf(node.Output[0]).ElementCount * inner;

            case "Gemm":
                if (SizeOf(node.Input[0]).Shape is not [var rows, var columns]) return 0;
                var transposed = node.Attribute.Any(attribute => attribute is { Name: "transA", I: 1 });
                return SizeOf(node.Output[0]).ElementCount * (transposed ? rows : columns);

            default:
                return 0;
        }
    }

    /// <summary>Elements of one kernel: input channels / groups · its area.</summary>
    long KernelSize(string weight) =>
        SizeOf(weight) is { Shape: [> 0 and var kernels, ..] } size ? size.ElementCount / kernels : 0;

    OnnxValueSize SizeOf(string name) => _sizes.TryGetValue(name, out var size) ? size : new([], 0);

    bool IsConstant(NodeProto node) => node.Output.All(_constants.Contains);

    static bool IsStandard(NodeProto node) => node.Domain is "" or "ai.onnx";

    /// <summary>Memory that is in use from one node to another.</summary>
    sealed class Buffer(int firstUse, long bytes)
    {
        public int FirstUse { get; } = firstUse;

        public long Bytes => bytes;

        public int LastUse { get; set; } = firstUse;
    }
}
