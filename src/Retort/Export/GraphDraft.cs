using System.Globalization;
using Google.Protobuf;
using Retort.Runtime.Wire;
using static TorchSharp.torch;
using Element = Retort.Runtime.Wire.TensorProto.Types.DataType;

namespace Retort.Export;

/// <summary>
/// A graph while it is written. Weights are initializers under their parameters' names; every other number (a shape, a
/// bound, a normalization) is a Constant node, so that the parameters of the file are those of the network.
/// </summary>
/// <param name="name">The graph's name.</param>
/// <param name="axes">The names of the free axes, the batch first.</param>
sealed class GraphDraft(string name, params IReadOnlyList<string> axes)
{
    readonly HashSet<string> _names = new(StringComparer.Ordinal);
    readonly HashSet<string> _outputs = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> _constants = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> _renamed = new(StringComparer.Ordinal);
    readonly Dictionary<int, (string Input, int Position)> _sources = [];   // of the free axes' sizes
    readonly Dictionary<int, string> _sizes = [];                           // nodes with the free axes' sizes

    public GraphProto Graph { get; } = new() { Name = name };

    /// <summary>An input; its first axis is the batch.</summary>
    public string Input(TensorSpec spec)
    {
        Take(spec.Name);
        _sources.TryAdd(0, (spec.Name, 0));
        var shape = new TensorShapeProto { Dim = { FreeDimension(0) } };
        foreach (var (i, axis) in spec.Axes.Index())
        {
            var free = axis.Size is null ? Enumerable.Range(1, axes.Count - 1).First(a => axes[a] == axis.Name) : 0;
            if (free > 0) _sources.TryAdd(free, (spec.Name, i + 1));
            shape.Dim.Add(free > 0 ? FreeDimension(free) : new() { DimValue = axis.Size!.Value });
        }
        Graph.Input.Add(Port(spec.Name, GraphTypes.Onnx(spec.Type), shape));
        return spec.Name;
    }

    /// <summary>Reserves a name for an output that is added last.</summary>
    public void Reserve(string output) => Take(output);

    /// <summary>Makes a value an output of float32, and gives it the output's name.</summary>
    /// <param name="value">The value's name so far.</param>
    /// <param name="output">The output's name.</param>
    /// <param name="shape">Its shape, the batch first.</param>
    public void Output(string value, string output, Sizes shape)
    {
        value = _renamed.GetValueOrDefault(value, value);
        if (_outputs.Contains(value) || Graph.Node.All(node => !node.Output.Contains(value)))
            value = Node("Identity", [value]);
        foreach (var node in Graph.Node)
        {
            GraphWiring.Replace(node.Input, value, output);
            GraphWiring.Replace(node.Output, value, output);
        }
        _renamed[value] = output;
        _outputs.Add(output);
        Graph.Output.Add(Port(output, Element.Float, new() { Dim = { shape.Items.Select(Dimension) } }));
    }

    /// <summary>A weight in float32 under its parameter's name.</summary>
    public string Weight(string name, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        Graph.Initializer.Add(GraphWiring.Floats(Take(name), tensor.shape, tensor.ToFloatArray()));
        return name;
    }

    /// <summary>Numbers that no operator made: a mask, row indices.</summary>
    public string Data(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var type = tensor.dtype == ScalarType.Bool ? Element.Bool : Element.Int64;
        var values = tensor.detach().cpu().contiguous();
        var typed = type == Element.Bool ? values : values.to(ScalarType.Int64);
        return Constant(new TensorProto
        {
            DataType = (int)type, Dims = { tensor.shape }, RawData = ByteString.CopyFrom(typed.bytes),
        });
    }

    public string Constant(double number) => Constant(GraphWiring.Floats("", [], [(float)number]));

    public string Constant(IReadOnlyList<long> shape, ReadOnlySpan<float> numbers) =>
        Constant(GraphWiring.Floats("", shape, numbers));

    public string Constant(params long[] numbers) => Constant(GraphWiring.Longs(numbers));

    /// <summary>Sizes as an operator's input: a constant, or computed from the shapes of the graph's inputs.</summary>
    public string Constant(Sizes sizes)
    {
        if (sizes.AreFixed) return Constant(sizes.Constants);
        var parts = sizes.Items.Select(size => size.IsFixed ? Constant([size.Constant]) : Computed(size)).ToList();
        return parts.Count == 1 ? parts[0] : Node("Concat", parts, ("axis", 0L));
    }

    /// <summary>
    /// A node with one result. Node and result have one name: that of the layer whose weight the node reads, or of its
    /// operator.
    /// </summary>
    public string Node(
        string op, IReadOnlyList<string> inputs, params IReadOnlyList<(string Key, object Value)> attributes)
    {
        var weight = inputs.FirstOrDefault(
            input => input.EndsWith(".weight", StringComparison.Ordinal) && _names.Contains(input));
        var result = Fresh(weight is null ? op.ToLowerInvariant() : weight[..^".weight".Length]);
        var current = inputs.Select(input => _renamed.GetValueOrDefault(input, input));
        var node = new NodeProto { OpType = op, Name = result, Input = { current }, Output = { result } };
        foreach (var (key, value) in attributes) node.Attribute.Add(GraphWiring.Attribute(key, value));
        Graph.Node.Add(node);
        return result;
    }

    /// <summary>A name that nothing has yet.</summary>
    public string Fresh(string hint)
    {
        if (_names.Add(hint)) return hint;
        for (var i = 2; ; i++)
        {
            var candidate = string.Create(CultureInfo.InvariantCulture, $"{hint}_{i}");
            if (_names.Add(candidate)) return candidate;
        }
    }

    // the sum of its terms: products of the free axes' sizes, then the constant
    string Computed(GraphSize size)
    {
        string? sum = null;
        for (var subset = 1; subset < size.Coefficients.Count; subset++)
        {
            if (size.Coefficients[subset] == 0) continue;
            var term = Product(subset, size.Coefficients[subset]);
            sum = sum is null ? term : Node("Add", [sum, term]);
        }
        return size.Constant == 0 ? sum! : Node("Add", [sum!, Constant([size.Constant])]);
    }

    string Product(int subset, long coefficient)
    {
        string? product = null;
        for (var axis = 0; axis < axes.Count; axis++)
            if ((subset >> axis & 1) == 1)
                product = product is null ? SizeOf(axis) : Node("Mul", [product, SizeOf(axis)]);
        return coefficient == 1 ? product! : Node("Mul", [product!, Constant([coefficient])]);
    }

    // [1] int64
    string SizeOf(int axis)
    {
        if (_sizes.TryGetValue(axis, out var known)) return known;
        var (input, position) = _sources[axis];
        return _sizes[axis] = Node("Shape", [input], ("start", (long)position), ("end", position + 1L));
    }

    string Constant(TensorProto tensor)
    {
        var key = tensor.ToByteString().ToBase64();
        if (_constants.TryGetValue(key, out var known)) return known;
        var name = Fresh("constant");
        Graph.Node.Add(GraphWiring.Constant(name, tensor));
        return _constants[key] = name;
    }

    string Take(string name) => _names.Add(name) ? name : throw new InvalidOperationException(
        $"Two values of the graph are called \"{name}\"; a network's parameters must not have the names of its inputs "
        + "and outputs.");

    TensorShapeProto.Types.Dimension FreeDimension(int axis) => new() { DimParam = axes[axis] };

    TensorShapeProto.Types.Dimension Dimension(GraphSize size) =>
        size.IsFixed ? new() { DimValue = size.Constant } : size.Axis is { } axis ? FreeDimension(axis) : new();

    static ValueInfoProto Port(string name, Element type, TensorShapeProto shape) =>
        new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)type, Shape = shape } } };
}
