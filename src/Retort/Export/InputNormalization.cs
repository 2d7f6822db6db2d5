using Retort.Runtime.Wire;

namespace Retort.Export;

/// <summary>
/// Takes as much of the pixels' normalization as is exact into the first layer's weights, so that it costs next to
/// nothing: the scaling always; the shift too, where no padding of zeros stands between it and the sum. Raw features keep
/// theirs: columns of very different sizes would share one scale in 8 bits.
/// </summary>
static class InputNormalization
{
    /// <summary>Folds in place; a first layer of another kind leaves the graph as it is.</summary>
    public static void Fold(GraphProto graph, Normalization normalization)
    {
        if (Folding.Front(graph) is not [{ OpType: "Sub" } shift, { OpType: "Mul" } scale]) return;
        var flatten = Reader(graph, scale.Output[0]) is { OpType: "Flatten" } flat ? flat : null;
        var first = Reader(graph, (flatten ?? scale).Output[0]);
        var channels = normalization.Mean.Count;
        if (first is null || !Layer(graph, first, flatten is not null, channels, out var weight)) return;

        var (kernels, perRow) = (GraphWiring.Read(weight), (int)weight.Dims.Skip(1).Aggregate(1L, (product, size) => product * size));
        var area = perRow / channels;                                       // numbers that meet one channel, side by side
        for (var i = 0; i < kernels.Length; i++) kernels[i] = (float)(kernels[i] / normalization.StandardDeviation[i % perRow / area]);
        Replace(graph, weight, kernels);
        Bridge(graph, scale);

        var bias = first.Input.Count > 2 ? Folding.Weight(graph, first.Input[2]) : null;
        if (bias is null || Folding.Readers(graph, bias.Name) != 1 || first.Attribute.Any(one => one.Name == "pads" && one.Ints.Any(pad => pad != 0))) return;
        var offsets = GraphWiring.Read(bias);
        for (var row = 0; row < offsets.Length; row++)
        {
            var sum = 0.0;
            for (var i = 0; i < perRow; i++) sum += kernels[row * perRow + i] * normalization.Mean[i / area];
            offsets[row] = (float)(offsets[row] - sum);
        }
        Replace(graph, bias, offsets);
        Bridge(graph, shift);
    }

    static bool Layer(GraphProto graph, NodeProto first, bool flattened, int channels, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out TensorProto? weight)
    {
        weight = first.Input.Count > 1 ? Folding.Weight(graph, first.Input[1]) : null;          // a ReLU, a maximum, … read one value
        if (weight is null || Folding.Readers(graph, weight.Name) != 1) return false;
        return flattened ? Folding.IsLinear(first) : first.OpType == "Conv" && weight.Dims[1] == channels;
    }

    /// <summary>The only node that reads a result.</summary>
    static NodeProto? Reader(GraphProto graph, string result) =>
        Folding.Readers(graph, result) == 1 ? graph.Node.FirstOrDefault(node => node.Input.Contains(result)) : null;

    static void Replace(GraphProto graph, TensorProto old, float[] numbers) =>
        graph.Initializer[graph.Initializer.IndexOf(old)] = GraphWiring.Floats(old.Name, old.Dims, numbers);

    // its readers read what it read
    static void Bridge(GraphProto graph, NodeProto node)
    {
        foreach (var reader in graph.Node)
            for (var i = 0; i < reader.Input.Count; i++)
                if (reader.Input[i] == node.Output[0]) reader.Input[i] = node.Input[0];
        graph.Node.Remove(node);
    }
}
