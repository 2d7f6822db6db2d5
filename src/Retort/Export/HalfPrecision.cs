using Retort.Runtime.Wire;
using Element = Retort.Runtime.Wire.TensorProto.Types.DataType;

namespace Retort.Export;

/// <summary>
/// A graph in float16: weights, constants and everything between. Its inputs and outputs stay float32, and so does the
/// normalization in front, so that callers change nothing and large raw numbers do not overflow. Integers stay as they
/// are.
/// </summary>
static class HalfPrecision
{
    const float Largest = 65504;

    /// <summary>A copy in float16.</summary>
    /// <exception cref="NotSupportedException">A weight is beyond the range of float16.</exception>
    public static ModelProto Of(ModelProto model)
    {
        var half = model.Clone();
        var graph = half.Graph;
        var front = Folding.Front(graph);
        var wide = WideConstants(graph, front);
        for (var i = 0; i < graph.Initializer.Count; i++)
            if (graph.Initializer[i].DataType == (int)Element.Float)
                graph.Initializer[i] = Narrow(graph.Initializer[i], graph.Initializer[i].Name, clamp: false);
        foreach (var node in graph.Node.Where(node => !wide.Contains(node.Output[0])))
            if (node is { OpType: "Constant" } && node.Attribute[0].T is { DataType: (int)Element.Float } number)
                node.Attribute[0].T = Narrow(number, node.Name, IsFillValue(graph, node.Output[0]));
            else if (node.OpType == "Cast" && node.Attribute[0].I == (long)Element.Float)
                node.Attribute[0].I = (long)Element.Float16;
        foreach (var input in graph.Input.Where(IsFloat)) CastAfter(graph, front, input.Name);
        foreach (var output in graph.Output) CastBefore(graph, output.Name);
        return half;
    }

    static bool IsFloat(ValueInfoProto port) => port.Type.TensorType.ElemType == (int)Element.Float;

    // constants of the normalization, and scales of Resize, which are float32 whatever is resized
    static HashSet<string> WideConstants(GraphProto graph, List<NodeProto> front)
    {
        var wide = front.Select(node => node.Input[1]).ToHashSet(StringComparer.Ordinal);
        var resizes = graph.Node.Where(node => node.OpType == "Resize");
        foreach (var resize in resizes) wide.Add(resize.Input[2]);
        var shared = graph.Node.FirstOrDefault(
            node => !front.Contains(node) && node.OpType != "Resize" && node.Input.Any(wide.Contains));
        return shared is null ? wide : throw new NotSupportedException(
            $"The network cannot be written in float16: {shared.Name} shares a constant with the normalization.");
    }

    // what Where puts in masked places, such as -1e9 before a softmax: the lowest number does as well
    static bool IsFillValue(GraphProto graph, string constant) => graph.Node.All(
        node => !node.Input.Contains(constant) || node.OpType == "Where" && node.Input[2] == constant);

    static TensorProto Narrow(TensorProto tensor, string name, bool clamp)
    {
        var numbers = GraphWiring.Read(tensor);
        var narrow = new Half[numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            narrow[i] = (Half)(clamp ? Math.Clamp(numbers[i], -Largest, Largest) : numbers[i]);
            if (Half.IsInfinity(narrow[i]) && !float.IsInfinity(numbers[i])) throw new NotSupportedException(
                Invariant($"The network cannot be written in float16, which ends at {Largest}: ")
                + Invariant($"{name} holds {numbers[i]}."));
        }
        return GraphWiring.Of<Half>(tensor.Name, Element.Float16, tensor.Dims, narrow);
    }

    // behind the input's normalization
    static void CastAfter(GraphProto graph, List<NodeProto> front, string input)
    {
        var (last, at) = (input, 0);
        foreach (var node in front)
            if (node.Input[0] == last) (last, at) = (node.Output[0], graph.Node.IndexOf(node) + 1);
        var narrow = last + ".float16";
        Folding.ReplaceNumbers(graph, last, narrow);
        graph.Node.Insert(at, Cast(last, narrow, Element.Float16));
    }

    static void CastBefore(GraphProto graph, string output)
    {
        var narrow = output + ".float16";
        Folding.ReplaceInputs(graph, output, narrow);
        foreach (var node in graph.Node) GraphWiring.Replace(node.Output, output, narrow);
        graph.Node.Add(Cast(narrow, output, Element.Float));
    }

    static NodeProto Cast(string from, string to, Element type) => new()
    {
        OpType = "Cast", Name = to + ".cast", Input = { from }, Output = { to },
        Attribute = { GraphWiring.Attribute("to", (long)type) },
    };
}
