using Retort.Runtime.Wire;

namespace Retort.Export;

/// <summary>
/// Folds as much of an image's normalization as is exact into the first layer's weights, so that it costs next to
/// nothing: the scaling always; the shift too, where no padding of zeros stands between it and the sum. Raw features
/// keep theirs: columns of very different sizes would share one scale in 8 bits.
/// </summary>
static class InputNormalization
{
    /// <summary>Folds in place; a first layer of another kind leaves the graph as it is.</summary>
    public static void Fold(GraphProto graph, TensorSpec input)
    {
        var normalization = input.Normalization!;
        var front = Folding.Front(graph, input.Name);
        if (front is not [{ OpType: "Sub" } shift, { OpType: "Mul" } scale]) return;
        var flatten = Reader(graph, scale.Output[0]) is { OpType: "Flatten" } found ? found : null;
        var layer = Reader(graph, (flatten ?? scale).Output[0]);
        var channels = normalization.Mean.Count;
        if (layer is null || WeightOf(graph, layer, flatten is not null, channels) is not { } weight) return;

        var kernels = GraphWiring.Read(weight);
        var perRow = (int)weight.Dims.Skip(1).Aggregate(1L, (product, size) => product * size);
        var area = perRow / channels;                                       // numbers of one channel, side by side
        for (var i = 0; i < kernels.Length; i++)
            kernels[i] = (float)(kernels[i] / normalization.StandardDeviation[i % perRow / area]);
        Folding.Replace(graph, weight, kernels);
        Bypass(graph, scale);

        var bias = layer.Input.Count > 2 ? Folding.Weight(graph, layer.Input[2]) : null;
        if (bias is null || Folding.Readers(graph, bias.Name) != 1 || IsPadded(layer)) return;
        var offsets = GraphWiring.Read(bias);
        for (var row = 0; row < offsets.Length; row++)
        {
            var sum = 0.0;
            for (var i = 0; i < perRow; i++) sum += kernels[row * perRow + i] * normalization.Mean[i / area];
            offsets[row] = (float)(offsets[row] - sum);
        }
        Folding.Replace(graph, bias, offsets);
        Bypass(graph, shift);
    }

    // null for a layer of another kind: a ReLU, a max pooling, … read one value
    static TensorProto? WeightOf(GraphProto graph, NodeProto layer, bool flattened, int channels)
    {
        if (layer.Input.Count < 2 || !Folding.IsOwnWeight(graph, layer.Input[1], out var weight)) return null;
        var fits = flattened ? Folding.IsLinear(layer) : layer.OpType == "Conv" && weight.Dims[1] == channels;
        return fits ? weight : null;
    }

    static bool IsPadded(NodeProto layer) =>
        layer.Attribute.Any(one => one.Name == "pads" && one.Ints.Any(pad => pad != 0));

    // the only node that reads a value
    static NodeProto? Reader(GraphProto graph, string value) => Folding.Readers(graph, value) == 1
        ? graph.Node.FirstOrDefault(node => node.Input.Contains(value)) : null;

    // its readers read what it read
    static void Bypass(GraphProto graph, NodeProto node)
    {
        Folding.ReplaceInputs(graph, node.Output[0], node.Input[0]);
        graph.Node.Remove(node);
    }
}
