namespace Retort.Runtime;

/// <summary>One input or output of a graph.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="ElementType">
/// float, double, <see cref="Half"/>, long, int, sbyte, byte or bool; null if it is no tensor of these (strings, a
/// sequence, a map).
/// </param>
/// <param name="Shape">Length of each axis; -1 if it is dynamic.</param>
/// <param name="Axes">Name of each dynamic axis; empty if it has no name or is fixed.</param>
public sealed record OnnxTensorInfo(
    string Name, Type? ElementType, IReadOnlyList<long> Shape, IReadOnlyList<string> Axes)
{
    /// <summary><c>pixels float [batch, 1, 28, 28]</c>.</summary>
    public override string ToString()
    {
        if (ElementType is null) return $"{Name} (no tensor of numbers)".OnOneLine();
        return $"{Name} {TypeName(ElementType)} [{string.Join(", ", Shape.Select(AxisText))}]".OnOneLine();
    }

    string AxisText(long size, int axis)
    {
        if (size >= 0) return $"{size}";
        return Axes[axis].Length > 0 ? Axes[axis] : "?";
    }

    static string TypeName(Type type)
    {
        if (type == typeof(float)) return "float";
        if (type == typeof(long)) return "int64";
        if (type == typeof(int)) return "int32";
        if (type == typeof(bool)) return "bool";
        return type == typeof(Half) ? "float16" : type.Name.ToLowerInvariant();
    }
}
