using Google.Protobuf;
using Retort.Runtime.Wire;
using Element = Retort.Runtime.Wire.TensorProto.Types.DataType;

namespace Retort.Export;

/// <summary>
/// A graph in 8-bit integers, in the QDQ form: a pair QuantizeLinear, DequantizeLinear wherever a runtime may compute
/// in integers. Weights are int8, symmetric, with a scale a channel; biases int32; activations uint8 with one scale and
/// zero point each, from the smallest and largest number on training data. Outputs stay float32, and so do operators
/// without an integer kernel.
/// </summary>
static class Quantization
{
    // operators with integer kernels
    static readonly HashSet<string> s_products = ["Conv", "Gemm", "MatMul"];

    // operators with integer kernels and a range of their own
    static readonly HashSet<string> s_sums = ["Add", "Concat"];

    // operators that pass numbers through: the result has the operand's scale
    static readonly HashSet<string> s_views = ["MaxPool", "Flatten", "Reshape", "Transpose", "Squeeze", "Unsqueeze"];

    /// <summary>The range of an activation.</summary>
    public readonly record struct Bounds(float Low, float High)
    {
        /// <summary>Scale and zero point; 0 is in the range, so that padding and a ReLU's zeros are exact.</summary>
        public (float Scale, byte Zero) ScaleAndZero
        {
            get
            {
                var (low, high) = (Math.Min(Low, 0), Math.Max(High, 0));
                var scale = high > low ? (high - low) / 255 : 1;
                return (scale, (byte)Math.Clamp(MathF.Round(-low / scale), 0, 255));
            }
        }
    }

    /// <summary>The names of the values whose ranges must be known, if they are floating-point numbers.</summary>
    public static IReadOnlyList<string> Calibrated(ModelProto model)
    {
        var graph = model.Graph;
        var constants = Constants(graph);
        var outputs = graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        var values = new List<string>();
        foreach (var node in graph.Node)
        {
            var isProduct = s_products.Contains(node.OpType);
            var isSum = s_sums.Contains(node.OpType) && !node.Input.Any(constants.Contains);
            if (!isProduct && !isSum) continue;
            var operands = node.Input.Take(isProduct ? 2 : node.Input.Count);
            values.AddRange(operands.Where(input => !constants.Contains(input)));
            if (AfterActivation(graph, node.Output[0]) is var result && !outputs.Contains(result)) values.Add(result);
        }
        return [.. values.Select(value => Source(graph, value)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The graph with these ranges.</summary>
    public static ModelProto Of(ModelProto model, IReadOnlyDictionary<string, Bounds> ranges)
    {
        var quantized = model.Clone();
        var graph = quantized.Graph;
        var order = graph.Node.ToList();
        var scales = ranges.ToDictionary(range => range.Key, range => range.Value.ScaleAndZero, StringComparer.Ordinal);
        foreach (var node in order)                                         // operands come before results
            if (s_views.Contains(node.OpType) && scales.TryGetValue(node.Input[0], out var same))
                scales[node.Output[0]] = same;
        var inputs = graph.Node.SelectMany(node => node.Input).ToHashSet(StringComparer.Ordinal);
        var outputs = graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var node in order.Where(node => s_products.Contains(node.OpType)))
            if (scales.TryGetValue(node.Input[0], out var operand)) QuantizeWeights(graph, node, operand.Scale);
        foreach (var (value, scale) in scales)
            if (inputs.Contains(value) && !outputs.Contains(value)) Insert(graph, value, scale);
        return quantized;
    }

    // the value whose range is measured: before everything that passes numbers through
    static string Source(GraphProto graph, string value)
    {
        var node = graph.Node.FirstOrDefault(node => node.Output[0] == value);
        return node is not null && s_views.Contains(node.OpType) ? Source(graph, node.Input[0]) : value;
    }

    // a ReLU that alone reads a result is part of the integer kernel
    static string AfterActivation(GraphProto graph, string result)
    {
        if (Folding.Readers(graph, result) != 1) return result;
        var reader = graph.Node.FirstOrDefault(node => node.Input.Contains(result));
        return reader is { OpType: "Relu" or "Clip" } ? reader.Output[0] : result;
    }

    // weights, constants and what is computed from them alone
    internal static HashSet<string> Constants(GraphProto graph)
    {
        var constants = graph.Initializer.Select(weight => weight.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var node in graph.Node)
            if (node.Input.All(input => input.Length == 0 || constants.Contains(input)))
                constants.UnionWith(node.Output);
        return constants;
    }

    static void QuantizeWeights(GraphProto graph, NodeProto node, float operandScale)
    {
        if (WeightOf(graph, node.Input[1]) is not { } weight) return;
        var channelLast = node.OpType == "MatMul" || node.OpType == "Gemm" && !Folding.IsLinear(node);
        var axis = channelLast ? weight.Dims.Count - 1 : 0;
        var (numbers, channels) = (GraphWiring.Read(weight), (int)weight.Dims[axis]);
        var inner = axis == 0 ? numbers.Length / channels : 1;              // numbers of one channel side by side
        var scales = ScalesOf(numbers, channels, inner);
        var tensor = GraphWiring.Of<sbyte>(
            weight.Name, Element.Int8, weight.Dims, Rounded(numbers, scales, inner));
        node.Input[1] = Dequantize(graph, node.Input[1], weight, tensor, scales, axis);

        if (node.Input.Count < 3 || Folding.Weight(graph, node.Input[2]) is not { } bias) return;
        var biases = GraphWiring.Read(bias);
        var (wide, biasScales) = (new int[biases.Length], new float[biases.Length]);
        for (var c = 0; c < biases.Length; c++)
        {
            biasScales[c] = operandScale * scales[c];
            wide[c] = (int)Math.Clamp(Math.Round(biases[c] / (double)biasScales[c]), int.MinValue, int.MaxValue);
        }
        var wideTensor = GraphWiring.Of<int>(bias.Name, Element.Int32, bias.Dims, wide);
        node.Input[2] = Dequantize(graph, bias.Name, bias, wideTensor, biasScales, 0);
    }

    /// <summary>A weight, or the transpose of one, transposed here; null where it is neither.</summary>
    internal static TensorProto? WeightOf(GraphProto graph, string name)
    {
        if (Folding.Weight(graph, name) is { } weight) return weight;
        var node = graph.Node.FirstOrDefault(node => node.Output[0] == name);
        return node is { OpType: "Transpose" } && Folding.Weight(graph, node.Input[0]) is { Dims.Count: 2 } source
            ? Transposed(source)
            : null;
    }

    /// <summary>The transpose of a matrix, under the same name.</summary>
    internal static TensorProto Transposed(TensorProto source)
    {
        var (rows, columns, numbers) = ((int)source.Dims[0], (int)source.Dims[1], GraphWiring.Read(source));
        var transposed = new float[numbers.Length];
        for (var i = 0; i < numbers.Length; i++) transposed[i % columns * rows + i / columns] = numbers[i];
        return GraphWiring.Floats(source.Name, [columns, rows], transposed);
    }

    /// <summary>The numbers of int8 with these scales.</summary>
    /// <param name="numbers">The weight.</param>
    /// <param name="scales">One a channel.</param>
    /// <param name="inner">How many numbers of a channel are side by side.</param>
    internal static sbyte[] Rounded(float[] numbers, float[] scales, int inner)
    {
        var rounded = new sbyte[numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
            rounded[i] = (sbyte)Math.Clamp(MathF.Round(numbers[i] / scales[i / inner % scales.Length]), -127, 127);
        return rounded;
    }

    /// <summary>The scale of each channel: its largest magnitude is 127.</summary>
    internal static float[] ScalesOf(float[] numbers, int channels, int inner)
    {
        var scales = new float[channels];
        for (var i = 0; i < numbers.Length; i++)
        {
            var c = i / inner % channels;
            scales[c] = Math.Max(scales[c], Math.Abs(numbers[i]) / 127);
        }
        for (var c = 0; c < channels; c++)
            if (scales[c] == 0) scales[c] = 1;
        return scales;
    }

    // a weight that several nodes read is quantized for each
    static string Dequantize(
        GraphProto graph, string read, TensorProto before, TensorProto after, float[] scales, int axis)
    {
        var isShared = Folding.Readers(graph, read) > 1 || Folding.Readers(graph, before.Name) > 1;
        if (isShared) after.Name = $"{before.Name}.{graph.Initializer.Count}";
        else graph.Initializer.Remove(graph.Initializer.First(weight => weight.Name == before.Name));
        if (!isShared && read != before.Name) graph.Node.Remove(graph.Node.First(node => node.Output[0] == read));
        graph.Initializer.Add(after);
        var (name, zeroBytes) = (after.Name, after.DataType == (int)Element.Int32 ? 4 : 1);
        var zeros = new TensorProto
        {
            DataType = after.DataType, Dims = { scales.Length },
            RawData = ByteString.CopyFrom(new byte[scales.Length * zeroBytes]),
        };
        Insert(graph, 0,
            GraphWiring.Constant(name + ".scale", GraphWiring.Floats("", [scales.Length], scales)),
            GraphWiring.Constant(name + ".zero", zeros),
            new()
            {
                OpType = "DequantizeLinear", Name = name + ".dequantised",
                Input = { name, name + ".scale", name + ".zero" }, Output = { name + ".dequantised" },
                Attribute = { GraphWiring.Attribute("axis", (long)axis) },
            });
        return name + ".dequantised";
    }

    static void Insert(GraphProto graph, string value, (float Scale, byte Zero) range)
    {
        var (scale, zero) = (value + ".scale", value + ".zero");
        var (small, back) = (value + ".uint8", value + ".dequantised");
        Folding.ReplaceNumbers(graph, value, back);
        var at = graph.Node.ToList().FindIndex(node => node.Output.Contains(value)) + 1;
        Insert(graph, at,
            GraphWiring.Constant(scale, GraphWiring.Floats("", [], [range.Scale])),
            GraphWiring.Constant(zero, GraphWiring.Of<byte>("", Element.Uint8, [], [range.Zero])),
            new() { OpType = "QuantizeLinear", Name = small, Input = { value, scale, zero }, Output = { small } },
            new() { OpType = "DequantizeLinear", Name = back, Input = { small, scale, zero }, Output = { back } });
    }

    static void Insert(GraphProto graph, int at, params ReadOnlySpan<NodeProto> nodes)
    {
        foreach (var node in nodes) graph.Node.Insert(at++, node);
    }
}
