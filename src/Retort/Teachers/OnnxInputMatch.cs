using Retort.Runtime;

namespace Retort.Teachers;

/// <summary>Finds the data's input for each input of a graph, and checks types and shapes.</summary>
sealed class OnnxInputMatch
{
    readonly OnnxModel _graph;
    readonly ImageLayout _layout;

    /// <param name="graph">The teacher's graph.</param>
    /// <param name="names">Its names of the inputs, in the order of the data; none where they are the data's.</param>
    /// <param name="inputs">What the data has, in the teacher's layout.</param>
    /// <param name="layout">That layout, for messages.</param>
    /// <exception cref="InvalidDataException">An input of the graph is not in the data, or does not fit.</exception>
    public OnnxInputMatch(
        OnnxModel graph, IReadOnlyList<string> names, IReadOnlyList<TensorSpec> inputs, ImageLayout layout)
    {
        (_graph, _layout) = (graph, layout);
        var pairs = Pairs(names, inputs);
        foreach (var (port, spec) in pairs) Check(port, spec);
        (Ports, DataNames) = ([.. pairs.Select(pair => pair.Port)], [.. pairs.Select(pair => pair.Spec.Name)]);
        FixedBatch = BatchOf(Ports);
    }

    /// <summary>The graph's inputs, in its order.</summary>
    public IReadOnlyList<OnnxTensorInfo> Ports { get; }

    /// <summary>The data's name of each of <see cref="Ports"/>.</summary>
    public IReadOnlyList<string> DataNames { get; }

    /// <summary>The batch size that the graph was made for; null where it takes any.</summary>
    public long? FixedBatch { get; }

    /// <summary>Whether a graph's numbers are of a type that a teacher's outputs may have.</summary>
    public static bool IsFloatingPoint(Type? type) =>
        type == typeof(float) || type == typeof(Half) || type == typeof(double);

    List<(OnnxTensorInfo Port, TensorSpec Spec)> Pairs(IReadOnlyList<string> names, IReadOnlyList<TensorSpec> inputs)
    {
        if (names.Count > inputs.Count) throw new InvalidDataException(
            $"The teacher's option \"inputs\" names {names.Count} inputs; the data has {string.Join(", ", inputs)}.");
        foreach (var name in names) _graph.Input(name);
        if (names.Count == 0 && _graph.Inputs.Count == 1 && inputs.Count == 1) return [(_graph.Inputs[0], inputs[0])];

        return [.. _graph.Inputs.Select(port => (port, Find(port)))];

        TensorSpec Find(OnnxTensorInfo port)
        {
            var listed = names.ToList().IndexOf(port.Name);
            var spec = names.Count == 0 ? inputs.FirstOrDefault(input => input.Name == port.Name)
                : listed >= 0 ? inputs[listed] : null;
            return spec ?? throw new InvalidDataException(
                $"{_graph.Path} takes {port}, and the data has {string.Join(", ", inputs)}: list the graph's names "
                + "in the order of the data in the option \"inputs\".");
        }
    }

    void Check(OnnxTensorInfo port, TensorSpec spec)
    {
        var typed = spec.Type switch
        {
            TensorType.Float32 => IsFloatingPoint(port.ElementType),
            TensorType.Int64 => port.ElementType == typeof(long),
            _ => port.ElementType == typeof(bool),
        };
        if (!typed) throw new InvalidDataException(
            $"{_graph.Path} takes {port}; the data gives {spec}, which {Types(spec.Type)} can hold.");
        if (port.Shape.Count != spec.Axes.Count + 1) throw Unfit(port, spec);
        for (var i = 0; i < spec.Axes.Count; i++)
        {
            var (axis, size) = (spec.Axes[i], port.Shape[i + 1]);
            if (axis.Size is null && size >= 0) throw new InvalidDataException(
                $"{_graph.Path} takes {port}, of {size} only, and the data's {axis.Name} varies from batch to batch: "
                + "export the graph with this axis left free.");
            if (size >= 0 && size != axis.Size) throw Unfit(port, spec);
        }
    }

    static string Types(TensorType type) =>
        type switch { TensorType.Float32 => "float, float16 or double", TensorType.Int64 => "int64", _ => "bool" };

    InvalidDataException Unfit(OnnxTensorInfo port, TensorSpec spec)
    {
        var layout = _layout.ToString().ToLowerInvariant();
        return new($"{_graph.Path} takes {port}; the data gives {spec} in the layout {layout}: the option \"layout\" "
            + "can change the order of an image's axes.");
    }

    long? BatchOf(IReadOnlyList<OnnxTensorInfo> ports)
    {
        var sizes = ports.Select(port => port.Shape[0]).Where(size => size > 0).Distinct().ToList();
        return sizes.Count == 0 ? null : sizes.Count == 1 ? sizes[0] : throw new InvalidDataException(
            $"{_graph.Path} takes {string.Join(", ", ports)}: the inputs must have one batch size.");
    }
}
