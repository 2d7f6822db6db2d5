using System.Diagnostics.CodeAnalysis;
using Retort.Runtime.Wire;

namespace Retort.Export;

/// <summary>
/// Removes from a graph what inference does not need: batch norms become part of the convolution or linear layer before
/// them, and what no output needs is left out.
/// </summary>
static class Folding
{
    /// <summary>Folds batch norms in place. A norm stays where something else reads the layer's result too.</summary>
    public static void Fold(GraphProto graph)
    {
        foreach (var norm in graph.Node.Where(node => node.OpType == "BatchNormalization").ToList())
        {
            var layer = graph.Node.FirstOrDefault(node => node.Output[0] == norm.Input[0]);
            if (layer is null || Readers(graph, layer.Output[0]) != 1 || !CanFold(graph, layer)) continue;
            if (norm.Input.Skip(1).Any(input => Weight(graph, input) is null)) continue;
            Merge(graph, layer, norm);
            graph.Node.Remove(norm);
        }
        Prune(graph);
    }

    /// <summary>
    /// Moves a ReLU before the max pooling that stands between it and its convolution. The two may change places:
    /// training pools first, and runtimes make a ReLU part of the convolution that it follows.
    /// </summary>
    public static void ActivateFirst(GraphProto graph)
    {
        foreach (var pool in graph.Node.Where(node => node.OpType == "MaxPool").ToList())
        {
            var layer = graph.Node.FirstOrDefault(node => node.Output[0] == pool.Input[0]);
            var relu = graph.Node.FirstOrDefault(node => node.Input.Contains(pool.Output[0]));
            if (layer is not { OpType: "Conv" } || relu is not { OpType: "Relu" }) continue;
            if (Readers(graph, layer.Output[0]) != 1 || Readers(graph, pool.Output[0]) != 1) continue;
            if (graph.Output.Any(output => output.Name == relu.Output[0])) continue;
            graph.Node.Remove(relu);
            ReplaceInputs(graph, relu.Output[0], pool.Output[0]);
            (relu.Input[0], pool.Input[0]) = (layer.Output[0], relu.Output[0]);
            graph.Node.Insert(graph.Node.IndexOf(pool), relu);
        }
    }

    /// <summary>Removes nodes and weights that no output needs.</summary>
    public static void Prune(GraphProto graph)
    {
        var needed = graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        for (var i = graph.Node.Count - 1; i >= 0; i--)
            if (graph.Node[i].Output.Any(needed.Contains)) needed.UnionWith(graph.Node[i].Input);
            else graph.Node.RemoveAt(i);
        foreach (var weight in graph.Initializer.Where(weight => !needed.Contains(weight.Name)).ToList())
            graph.Initializer.Remove(weight);
    }

    /// <summary>How many nodes and outputs read a value.</summary>
    public static int Readers(GraphProto graph, string name) =>
        graph.Node.Sum(node => node.Input.Count(input => input == name))
        + graph.Output.Count(output => output.Name == name);

    /// <summary>Makes every node that reads a value read another.</summary>
    public static void ReplaceInputs(GraphProto graph, string old, string now)
    {
        foreach (var node in graph.Node) GraphWiring.Replace(node.Input, old, now);
    }

    /// <summary>The same of every node that reads the value's numbers, not its shape alone.</summary>
    public static void ReplaceNumbers(GraphProto graph, string old, string now)
    {
        foreach (var node in graph.Node.Where(node => node.OpType != "Shape"))
            GraphWiring.Replace(node.Input, old, now);
    }

    /// <summary>The nodes that normalize inputs: from the inputs on, arithmetic with constants.</summary>
    public static List<NodeProto> Front(GraphProto graph) =>
        [.. graph.Input.SelectMany(input => Front(graph, input.Name))];

    /// <summary>The same of one input.</summary>
    public static List<NodeProto> Front(GraphProto graph, string input)
    {
        var constants = graph.Node.Where(node => node.OpType == "Constant").Select(node => node.Output[0])
            .ToHashSet(StringComparer.Ordinal);
        var reached = new HashSet<string>(StringComparer.Ordinal) { input };
        var front = new List<NodeProto>();
        foreach (var node in graph.Node)
        {
            if (node.OpType is not ("Sub" or "Mul")) continue;
            if (!reached.Contains(node.Input[0]) || !constants.Contains(node.Input[1])) continue;
            front.Add(node);
            reached.Add(node.Output[0]);
        }
        return front;
    }

    /// <summary>Whether a node is a linear layer whose weight is [O, I].</summary>
    public static bool IsLinear(NodeProto node) =>
        node.OpType == "Gemm" && node.Attribute.Any(one => one is { Name: "transB", I: 1 });

    /// <summary>The weight of this name; null where there is none.</summary>
    public static TensorProto? Weight(GraphProto graph, string name) =>
        graph.Initializer.FirstOrDefault(weight => weight.Name == name);

    /// <summary>Whether a value has readers, and a weight that is its node's alone.</summary>
    public static bool IsOwnWeight(GraphProto graph, string name, [NotNullWhen(true)] out TensorProto? weight)
    {
        weight = Weight(graph, name);
        return weight is not null && Readers(graph, name) == 1;
    }

    // the first axis of its weight is the channel, and no other node reads its weights
    static bool CanFold(GraphProto graph, NodeProto layer) => (layer.OpType == "Conv" || IsLinear(layer))
        && layer.Input.Skip(1).All(input => IsOwnWeight(graph, input, out _));

    // (W x + b - mean) γ / √(variance + ε) + β, multiplied out in float64
    static void Merge(GraphProto graph, NodeProto layer, NodeProto norm)
    {
        var weight = Weight(graph, layer.Input[1])!;
        var bias = layer.Input.Count > 2 ? Weight(graph, layer.Input[2]) : null;
        var (gamma, beta, mean, variance) = (Numbers(1), Numbers(2), Numbers(3), Numbers(4));
        var epsilon = norm.Attribute.First(one => one.Name == "epsilon").F;
        var kernels = GraphWiring.Read(weight);
        var offsets = bias is null ? new float[gamma.Length] : GraphWiring.Read(bias);
        var perChannel = kernels.Length / gamma.Length;
        for (var c = 0; c < gamma.Length; c++)
        {
            var factor = gamma[c] / Math.Sqrt((double)variance[c] + epsilon);
            foreach (ref var kernel in kernels.AsSpan(c * perChannel, perChannel)) kernel = (float)(kernel * factor);
            offsets[c] = (float)((offsets[c] - (double)mean[c]) * factor + beta[c]);
        }
        Replace(graph, weight, kernels);
        if (bias is not null) Replace(graph, bias, offsets);
        else AddBias(graph, layer, weight.Name, offsets);
        layer.Output[0] = norm.Output[0];

        float[] Numbers(int input) => GraphWiring.Read(Weight(graph, norm.Input[input])!);
    }

    /// <summary>Gives a weight other numbers.</summary>
    public static void Replace(GraphProto graph, TensorProto weight, float[] numbers) =>
        graph.Initializer[graph.Initializer.IndexOf(weight)] =
            GraphWiring.Floats(weight.Name, weight.Dims, numbers);

    static void AddBias(GraphProto graph, NodeProto layer, string weight, float[] numbers)
    {
        const string Suffix = ".weight";
        var stem = weight.EndsWith(Suffix, StringComparison.Ordinal) ? weight[..^Suffix.Length] : weight;
        graph.Initializer.Add(GraphWiring.Floats(stem + ".bias", [numbers.Length], numbers));
        layer.Input.Add(stem + ".bias");
    }
}
