using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Retort.Runtime.Wire;
using static TorchSharp.torch;
using Element = Retort.Runtime.Wire.TensorProto.Types.DataType;

namespace Retort.Export;

/// <summary>
/// A graph while it is written. Weights are initializers under their parameters' names; every other number (a shape, a
/// bound, a normalization) is a Constant node, so that whoever counts the parameters of a file counts the network's.
/// </summary>
sealed class GraphDraft(string name)
{
    readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> _constants = new(StringComparer.Ordinal);
    string? _batch;

    public GraphProto Graph { get; } = new() { Name = name };

    /// <summary>An input of float32 whose first axis is the batch.</summary>
    public string Input(string input, IReadOnlyList<long> shape)
    {
        Graph.Input.Add(Port(Taken(input), shape));
        return input;
    }

    /// <summary>Keeps a name for what is made last: nothing else may be called so.</summary>
    public void Keep(string output) => Taken(output);

    /// <summary>The output of float32 whose first axis is the batch; it is renamed to this.</summary>
    public void Output(string made, string output, IReadOnlyList<long> shape)
    {
        if (Graph.Node.All(node => !node.Output.Contains(made))) made = Node("Identity", [made]);
        foreach (var node in Graph.Node)
        {
            Replace(node.Input, made, output);
            Replace(node.Output, made, output);
        }
        Graph.Output.Add(Port(output, shape));
    }

    /// <summary>A weight in float32 under its parameter's name.</summary>
    public string Weight(string name, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        Graph.Initializer.Add(GraphWiring.Floats(Taken(name), tensor.shape, tensor.ToFloatArray()));
        return name;
    }

    /// <summary>Numbers that no word made: a mask, numbers of rows.</summary>
    public string Unlearned(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var type = tensor.dtype == ScalarType.Bool ? Element.Bool : Element.Int64;
        var whole = tensor.detach().cpu().contiguous();
        var numbers = new TensorProto
        {
            DataType = (int)type, Dims = { tensor.shape },
            RawData = ByteString.CopyFrom((type == Element.Bool ? whole : whole.to(ScalarType.Int64)).bytes),
        };
        return Constant(numbers);
    }

    public string Constant(double number) => Constant(GraphWiring.Floats("", [], [(float)number]));

    public string Constant(IReadOnlyList<long> shape, ReadOnlySpan<float> numbers) => Constant(GraphWiring.Floats("", shape, numbers));

    public string Constant(params long[] numbers) => Constant(GraphWiring.Longs(numbers));

    /// <summary>Sizes as an operator's input: a constant, or computed from the batch where some grow with it.</summary>
    public string Constant(Sizes sizes)
    {
        if (sizes.AreFixed) return Constant([.. sizes.Fixed]);
        _batch ??= Node("Shape", [Graph.Input[0].Name], ("start", 0L), ("end", 1L));
        var parts = sizes.Fixed.Select((number, i) => sizes.PerExample[i] == 0 ? Constant([number]) : Grown(number, sizes.PerExample[i])).ToList();
        return parts.Count == 1 ? parts[0] : Node("Concat", parts, ("axis", 0L));

        string Grown(long number, long perExample)
        {
            var grown = perExample == 1 ? _batch! : Node("Mul", [_batch!, Constant([perExample])]);
            return number == 0 ? grown : Node("Add", [grown, Constant([number])]);
        }
    }

    /// <summary>A node with one result, which has the node's name: that of the layer whose weight it reads, else of its operator.</summary>
    public string Node(string op, IReadOnlyList<string> inputs, params IReadOnlyList<(string Key, object Value)> attributes)
    {
        var weight = inputs.FirstOrDefault(input => input.EndsWith(".weight", StringComparison.Ordinal) && _taken.Contains(input));
        var made = Fresh(weight is null ? op.ToLowerInvariant() : weight[..^".weight".Length]);
        var node = new NodeProto { OpType = op, Name = made, Input = { inputs }, Output = { made } };
        foreach (var (key, value) in attributes) node.Attribute.Add(GraphWiring.Attribute(key, value));
        Graph.Node.Add(node);
        return made;
    }

    /// <summary>A name that nothing has yet.</summary>
    public string Fresh(string hint)
    {
        if (_taken.Add(hint)) return hint;
        for (var i = 2; ; i++)
            if (string.Create(CultureInfo.InvariantCulture, $"{hint}_{i}") is var name && _taken.Add(name)) return name;
    }

    string Constant(TensorProto tensor)
    {
        var key = tensor.ToByteString().ToBase64();
        if (_constants.TryGetValue(key, out var known)) return known;
        var made = Fresh("constant");
        Graph.Node.Add(GraphWiring.Constant(made, tensor));
        return _constants[key] = made;
    }

    string Taken(string name) => _taken.Add(name) ? name
        : throw new InvalidOperationException($"Two things of the graph are called \"{name}\"; a network's parameters must not be called as its inputs and outputs are.");

    static ValueInfoProto Port(string name, IReadOnlyList<long> shape)
    {
        var axes = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "batch" } } };
        foreach (var size in shape) axes.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = size });
        return new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)Element.Float, Shape = axes } } };
    }

    static void Replace(Google.Protobuf.Collections.RepeatedField<string> names, string old, string now)
    {
        for (var i = 0; i < names.Count; i++)
            if (names[i] == old) names[i] = now;
    }
}

/// <summary>Numbers of a shape, each a fixed part and a part that grows with the batch.</summary>
/// <param name="Fixed">What each is without any example.</param>
/// <param name="PerExample">What each example adds to it.</param>
readonly record struct Sizes(IReadOnlyList<long> Fixed, IReadOnlyList<long> PerExample)
{
    public bool AreFixed => PerExample.All(number => number == 0);
}
