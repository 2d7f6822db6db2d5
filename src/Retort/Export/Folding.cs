using Retort.Runtime.Wire;

namespace Retort.Export;

/// <summary>
/// Leaves out of a graph what inference does not need: batch norms become part of the convolution or linear layer before
/// them, and what no output needs goes.
/// </summary>
static class Folding
{
    /// <summary>Folds in place. A norm stays where something else reads the layer's result too.</summary>
    public static void Fold(GraphProto graph)
    {
        foreach (var norm in graph.Node.Where(node => node.OpType == "BatchNormalization").ToList())
        {
            var layer = graph.Node.FirstOrDefault(node => node.Output[0] == norm.Input[0]);
            if (layer is null || Readers(graph, layer.Output[0]) != 1 || !TakesNorm(graph, layer)
                || norm.Input.Skip(1).Any(input => Weight(graph, input) is null)) continue;
            Merge(graph, layer, norm);
            graph.Node.Remove(norm);
        }
        Prune(graph);
    }

    /// <summary>
    /// Puts a ReLU back before the maximum that stands between it and its convolution: the two may change places, training
    /// pools first, and runtimes make a ReLU part of the convolution that it follows.
    /// </summary>
    public static void ActivateFirst(GraphProto graph)
    {
        foreach (var pool in graph.Node.Where(node => node.OpType == "MaxPool").ToList())
        {
            var layer = graph.Node.FirstOrDefault(node => node.Output[0] == pool.Input[0]);
            var active = graph.Node.FirstOrDefault(node => node.Input.Contains(pool.Output[0]));
            if (layer is not { OpType: "Conv" } || active is not { OpType: "Relu" }) continue;
            if (Readers(graph, layer.Output[0]) != 1 || Readers(graph, pool.Output[0]) != 1 || graph.Output.Any(output => output.Name == active.Output[0])) continue;
            graph.Node.Remove(active);
            foreach (var node in graph.Node)
                for (var i = 0; i < node.Input.Count; i++)
                    if (node.Input[i] == active.Output[0]) node.Input[i] = pool.Output[0];
            (active.Input[0], pool.Input[0]) = (layer.Output[0], active.Output[0]);
            graph.Node.Insert(graph.Node.IndexOf(pool), active);
        }
    }

    /// <summary>Removes nodes and weights that no output needs.</summary>
    public static void Prune(GraphProto graph)
    {
        var needed = graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        for (var i = graph.Node.Count - 1; i >= 0; i--)
            if (graph.Node[i].Output.Any(needed.Contains)) needed.UnionWith(graph.Node[i].Input);
            else graph.Node.RemoveAt(i);
        foreach (var weight in graph.Initializer.Where(weight => !needed.Contains(weight.Name)).ToList()) graph.Initializer.Remove(weight);
    }

    /// <summary>How many nodes and outputs read a name.</summary>
    public static int Readers(GraphProto graph, string name) =>
        graph.Node.Sum(node => node.Input.Count(input => input == name)) + graph.Output.Count(output => output.Name == name);

    /// <summary>The nodes of the normalization: from an input on, arithmetic with constants.</summary>
    public static List<NodeProto> Front(GraphProto graph)
    {
        var constants = graph.Node.Where(node => node.OpType == "Constant").Select(node => node.Output[0]).ToHashSet(StringComparer.Ordinal);
        var reached = graph.Input.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
        var front = new List<NodeProto>();
        foreach (var node in graph.Node)
        {
            if (node.OpType is not ("Sub" or "Mul") || !reached.Contains(node.Input[0]) || !constants.Contains(node.Input[1])) continue;
            front.Add(node);
            reached.Add(node.Output[0]);
        }
        return front;
    }

    // its weight's first axis is the channel, and the weight is its own
    static bool TakesNorm(GraphProto graph, NodeProto layer) =>
        (layer.OpType == "Conv" || IsLinear(layer))
        && layer.Input.Skip(1).All(input => Weight(graph, input) is not null && Readers(graph, input) == 1);

    /// <summary>A linear layer whose weight is [O, I].</summary>
    public static bool IsLinear(NodeProto node) => node.OpType == "Gemm" && node.Attribute.Any(one => one is { Name: "transB", I: 1 });

    /// <summary>The weight of this name, if it is one.</summary>
    public static TensorProto? Weight(GraphProto graph, string name) => graph.Initializer.FirstOrDefault(weight => weight.Name == name);

    // (W x + b - mean) γ / √(variance + ε) + β, multiplied out in float64
    static void Merge(GraphProto graph, NodeProto layer, NodeProto norm)
    {
        var weight = Weight(graph, layer.Input[1])!;
        var bias = layer.Input.Count > 2 ? Weight(graph, layer.Input[2]) : null;
        var (gamma, beta, mean, variance) = (Numbers(1), Numbers(2), Numbers(3), Numbers(4));
        var epsilon = norm.Attribute.First(one => one.Name == "epsilon").F;
        var (kernels, offsets) = (GraphWiring.Read(weight), bias is null ? new float[gamma.Length] : GraphWiring.Read(bias));
        var perChannel = kernels.Length / gamma.Length;
        for (var c = 0; c < gamma.Length; c++)
        {
            var factor = gamma[c] / Math.Sqrt((double)variance[c] + epsilon);
            foreach (ref var kernel in kernels.AsSpan(c * perChannel, perChannel)) kernel = (float)(kernel * factor);
            offsets[c] = (float)((offsets[c] - (double)mean[c]) * factor + beta[c]);
        }
        graph.Initializer[graph.Initializer.IndexOf(weight)] = GraphWiring.Floats(weight.Name, weight.Dims, kernels);
        if (bias is not null) graph.Initializer[graph.Initializer.IndexOf(bias)] = GraphWiring.Floats(bias.Name, bias.Dims, offsets);
        else
        {
            var added = weight.Name.EndsWith(".weight", StringComparison.Ordinal) ? weight.Name[..^".weight".Length] + ".bias" : weight.Name + ".bias";
            graph.Initializer.Add(GraphWiring.Floats(added, [gamma.Length], offsets));
            layer.Input.Add(added);
        }
        layer.Output[0] = norm.Output[0];

        float[] Numbers(int input) => GraphWiring.Read(Weight(graph, norm.Input[input])!);
    }
}
