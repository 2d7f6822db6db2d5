using Retort.Runtime;

namespace Retort.Export;

/// <summary>What a model file or folder holds, and what one example costs it.</summary>
/// <param name="Path">The file that was read.</param>
/// <param name="Kind">What it is: an ONNX graph, a network of Retort, a file of weights.</param>
/// <param name="Bytes">Bytes of the file.</param>
/// <param name="Inputs">The inputs, as <c>name type [shape]</c>; empty for weights alone.</param>
/// <param name="Outputs">The outputs, likewise.</param>
/// <param name="Layers">
/// Operators in the order they run; of weights alone the tensors, with their type in place of the operator.
/// </param>
/// <param name="Parameters">Trained numbers, without the running statistics of norms.</param>
/// <param name="MultiplyAdds">Products that are summed, for one example; null for weights alone.</param>
/// <param name="ActivationBytes">
/// The peak of live bytes of intermediate results, for one example; null for weights alone.
/// </param>
/// <param name="NotCounted">Operators that multiply and are not in <paramref name="MultiplyAdds"/>.</param>
/// <param name="IsForOneExample">
/// False where shapes and costs are those of a call with several examples, since the graph takes no other number or the
/// caller named one.
/// </param>
public sealed record Inspection(string Path, string Kind, long Bytes, IReadOnlyList<string> Inputs,
    IReadOnlyList<string> Outputs, IReadOnlyList<Layer> Layers, long Parameters, long? MultiplyAdds,
    long? ActivationBytes, IReadOnlyList<string> NotCounted, bool IsForOneExample = true)
{
    /// <summary>Reads a model of any kind that Retort knows. Nothing in it is trusted.</summary>
    /// <param name="path">
    /// An ONNX, safetensors or .pth file, a student's folder, or the folder of one network of a run.
    /// </param>
    /// <param name="shapes">Shapes of an ONNX file's inputs by name, where more than the first axis is free.</param>
    /// <param name="key">Which mapping of a state file to read, where it holds several.</param>
    /// <exception cref="InvalidDataException">It is no model; the message says what was found.</exception>
    public static Inspection Of(
        string path, IReadOnlyDictionary<string, long[]>? shapes = null, string? key = null) =>
        ModelInspector.Inspect(path, shapes, key);
}
