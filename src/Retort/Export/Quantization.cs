using Google.Protobuf;
using Retort.Runtime.Wire;
using Element = Retort.Runtime.Wire.TensorProto.Types.DataType;

namespace Retort.Export;

/// <summary>
/// A graph in 8-bit integers, in the QDQ form: a pair QuantizeLinear, DequantizeLinear at every place where a runtime may
/// compute in integers. Weights are int8, symmetric, with a scale a channel; biases int32; activations uint8 with one
/// scale and zero point a place, from the smallest and largest number seen there on training data. The logits stay
/// float32, and so do operators that have no integer kernel.
/// </summary>
static class Quantization
{
    /// <summary>Have integer kernels.</summary>
    static readonly HashSet<string> Products = ["Conv", "Gemm", "MatMul"];

    /// <summary>Have integer kernels and a range of their own.</summary>
    static readonly HashSet<string> Sums = ["Add", "Concat"];

    /// <summary>Hand numbers through as they are: what comes out has the scale of what went in.</summary>
    static readonly HashSet<string> Through = ["MaxPool", "Flatten", "Reshape", "Transpose", "Squeeze", "Unsqueeze"];

    /// <summary>The range of a quantised place.</summary>
    public readonly record struct Bounds(float Low, float High)
    {
        /// <summary>0 lies in it, so that padding and what a ReLU cut off are exact.</summary>
        public (float Scale, byte Zero) Places
        {
            get
            {
                var (low, high) = (Math.Min(Low, 0), Math.Max(High, 0));
                var scale = high > low ? (high - low) / 255 : 1;
                return (scale, (byte)Math.Clamp(MathF.Round(-low / scale), 0, 255));
            }
        }
    }

    /// <summary>The names of the values whose ranges must be known.</summary>
    public static IReadOnlyList<string> Calibrated(ModelProto model)
    {
        var graph = model.Graph;
        var weights = Constants(graph);
        var outputs = graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        var places = new List<string>();
        foreach (var node in graph.Node)
        {
            var sum = Sums.Contains(node.OpType) && !node.Input.Any(weights.Contains);
            if (!Products.Contains(node.OpType) && !sum) continue;
            places.AddRange(node.Input.Take(Products.Contains(node.OpType) ? 2 : node.Input.Count).Where(input => !weights.Contains(input)));
            if (AfterActivation(graph, node.Output[0]) is var result && !outputs.Contains(result)) places.Add(result);
        }
        return [.. places.Select(place => Source(graph, place)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The graph with these ranges.</summary>
    public static ModelProto Of(ModelProto model, IReadOnlyDictionary<string, Bounds> ranges)
    {
        var made = model.Clone();
        var graph = made.Graph;
        var (scales, order) = (new Dictionary<string, (float Scale, byte Zero)>(StringComparer.Ordinal), graph.Node.ToList());
        foreach (var (place, bounds) in ranges) scales[place] = bounds.Places;
        foreach (var node in order)                                         // in the order of the graph, so that sources come first
            if (Through.Contains(node.OpType) && scales.TryGetValue(node.Input[0], out var same)) scales[node.Output[0]] = same;
        var inputs = graph.Node.SelectMany(node => node.Input).ToHashSet(StringComparer.Ordinal);
        var outputs = graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var node in order.Where(node => Products.Contains(node.OpType)))
            if (scales.TryGetValue(node.Input[0], out var entering)) Weights(graph, node, entering.Scale);
        foreach (var (place, scale) in scales)
            if (inputs.Contains(place) && !outputs.Contains(place)) Insert(graph, place, scale);
        return made;
    }

    /// <summary>Where the range of a place is to be measured: before everything that hands numbers through.</summary>
    static string Source(GraphProto graph, string place) =>
        graph.Node.FirstOrDefault(node => node.Output[0] == place) is { } node && Through.Contains(node.OpType) ? Source(graph, node.Input[0]) : place;

    // a ReLU that alone reads a result is part of the integer kernel
    static string AfterActivation(GraphProto graph, string result) =>
        Folding.Readers(graph, result) == 1 && graph.Node.FirstOrDefault(node => node.Input.Contains(result)) is { OpType: "Relu" or "Clip" } active ? active.Output[0] : result;

    // weights, constants and what is made of them alone
    static HashSet<string> Constants(GraphProto graph)
    {
        var constants = graph.Initializer.Select(weight => weight.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var node in graph.Node)
            if (node.Input.All(input => input.Length == 0 || constants.Contains(input))) constants.UnionWith(node.Output);
        return constants;
    }

    static void Weights(GraphProto graph, NodeProto node, float entering)
    {
        if (graph.Initializer.FirstOrDefault(one => one.Name == node.Input[1]) is not { } weight) return;
        var axis = node.OpType == "MatMul" || node.OpType == "Gemm" && !Folding.IsLinear(node) ? weight.Dims.Count - 1 : 0;
        var (numbers, channels) = (GraphWiring.Read(weight), (int)weight.Dims[axis]);
        var inner = axis == 0 ? numbers.Length / channels : 1;              // numbers of one channel side by side
        var scales = new float[channels];
        for (var i = 0; i < numbers.Length; i++)
            if (i / inner % channels is var c) scales[c] = Math.Max(scales[c], Math.Abs(numbers[i]) / 127);
        for (var c = 0; c < channels; c++)
            if (scales[c] == 0) scales[c] = 1;
        var small = new sbyte[numbers.Length];
        for (var i = 0; i < numbers.Length; i++) small[i] = (sbyte)Math.Clamp(MathF.Round(numbers[i] / scales[i / inner % channels]), -127, 127);
        node.Input[1] = Dequantised(graph, weight, GraphWiring.Of<sbyte>(weight.Name, Element.Int8, weight.Dims, small), scales, axis);

        if (node.Input.Count < 3 || graph.Initializer.FirstOrDefault(one => one.Name == node.Input[2]) is not { } bias) return;
        var biases = GraphWiring.Read(bias);
        var (wide, places) = (new int[biases.Length], new float[biases.Length]);
        for (var c = 0; c < biases.Length; c++)
        {
            places[c] = entering * scales[c];
            wide[c] = (int)Math.Clamp(Math.Round(biases[c] / (double)places[c]), int.MinValue, int.MaxValue);
        }
        node.Input[2] = Dequantised(graph, bias, GraphWiring.Of<int>(bias.Name, Element.Int32, bias.Dims, wide), places, 0);
    }

    // a weight that several layers read is quantised for each
    static string Dequantised(GraphProto graph, TensorProto before, TensorProto after, float[] scales, int axis)
    {
        var shared = Folding.Readers(graph, before.Name) > 1;
        if (shared) after.Name = $"{before.Name}.{graph.Initializer.Count}";
        else graph.Initializer.Remove(before);
        graph.Initializer.Add(after);
        var name = after.Name;
        Insert(graph, 0, GraphWiring.Constant(name + ".scale", GraphWiring.Floats("", [scales.Length], scales)),
            GraphWiring.Constant(name + ".zero", new() { DataType = after.DataType, Dims = { scales.Length }, RawData = ByteString.CopyFrom(new byte[scales.Length * (after.DataType == (int)Element.Int32 ? 4 : 1)]) }),
            new() { OpType = "DequantizeLinear", Name = name + ".dequantised", Input = { name, name + ".scale", name + ".zero" }, Output = { name + ".dequantised" }, Attribute = { GraphWiring.Attribute("axis", (long)axis) } });
        return name + ".dequantised";
    }

    static void Insert(GraphProto graph, string place, (float Scale, byte Zero) places)
    {
        var (scale, zero, small, back) = (place + ".scale", place + ".zero", place + ".uint8", place + ".dequantised");
        foreach (var node in graph.Node)
            for (var i = 0; i < node.Input.Count; i++)
                if (node.Input[i] == place && node.OpType != "Shape") node.Input[i] = back;
        var at = graph.Node.ToList().FindIndex(node => node.Output.Contains(place)) + 1;
        Insert(graph, at,
            GraphWiring.Constant(scale, GraphWiring.Floats("", [], [places.Scale])),
            GraphWiring.Constant(zero, GraphWiring.Of<byte>("", Element.Uint8, [], [places.Zero])),
            new() { OpType = "QuantizeLinear", Name = small, Input = { place, scale, zero }, Output = { small } },
            new() { OpType = "DequantizeLinear", Name = back, Input = { small, scale, zero }, Output = { back } });
    }

    static void Insert(GraphProto graph, int at, params ReadOnlySpan<NodeProto> nodes)
    {
        foreach (var node in nodes) graph.Node.Insert(at++, node);
    }
}
