namespace Retort.Runtime;

/// <summary>One input or output of a graph.</summary>
/// <param name="Name">As the graph calls it.</param>
/// <param name="ElementType">
/// The type of its numbers: float, double, <see cref="Half"/>, long, int, sbyte, byte or bool; null where it is no tensor
/// of these (text, a sequence, a map).
/// </param>
/// <param name="Shape">Length of each axis; -1 where the caller is free.</param>
/// <param name="Axes">What the graph calls each free axis; empty where it has no name or is not free.</param>
public sealed record OnnxTensorInfo(string Name, Type? ElementType, IReadOnlyList<long> Shape, IReadOnlyList<string> Axes)
{
    /// <summary><c>pixels float [batch, 1, 28, 28]</c>.</summary>
    public override string ToString() => ElementType is null ? $"{Name} (no tensor of numbers)".OnOneLine()
        : $"{Name} {Word} [{string.Join(", ", Shape.Select((size, i) => size >= 0 ? $"{size}" : Axes[i].Length > 0 ? Axes[i] : "?"))}]".OnOneLine();

    string Word => ElementType == typeof(float) ? "float" : ElementType == typeof(long) ? "int64" : ElementType == typeof(int) ? "int32"
        : ElementType == typeof(Half) ? "float16" : ElementType == typeof(bool) ? "bool" : ElementType!.Name.ToLowerInvariant();
}
