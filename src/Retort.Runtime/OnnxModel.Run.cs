using Microsoft.ML.OnnxRuntime;

namespace Retort.Runtime;

/// <remarks>This file: calls whose shapes differ from one to the next.</remarks>
public sealed partial class OnnxModel
{
    /// <summary>
    /// Runs the graph once on inputs of any shapes that it takes, and copies the outputs. Several threads may call it
    /// at once. Where shapes repeat, <see cref="Prepare"/> saves the allocations.
    /// </summary>
    /// <param name="inputs">All inputs of the graph, in any order.</param>
    /// <param name="outputs">Names of the outputs to compute; all unless given.</param>
    /// <exception cref="ArgumentException">An input is missing or unknown, or of another type or shape.</exception>
    /// <exception cref="InvalidDataException">The graph has no such output, or cannot be run.</exception>
    public IReadOnlyList<NamedTensor> Run(IReadOnlyList<NamedTensor> inputs, params IReadOnlyList<string> outputs)
    {
        var requested = outputs.Count > 0 ? outputs : [.. Outputs.Select(output => output.Name)];
        foreach (var output in requested) CheckOutput(output);
        return RunOnce(Ordered(inputs).Select(ToValue), requested, (result, i) => Copy(result, Output(requested[i])));
    }

    /// <summary>Runs the graph on inputs that are allocated here and freed afterwards.</summary>
    /// <param name="inputs">In the graph's order.</param>
    /// <param name="outputs">Names of the outputs to compute.</param>
    /// <param name="read">Reads an output, by its index in <paramref name="outputs"/>.</param>
    List<T> RunOnce<T>(IEnumerable<OrtValue> inputs, IReadOnlyList<string> outputs, Func<OrtValue, int, T> read)
    {
        SignalStack.Ensure();
        using var options = new RunOptions();
        List<OrtValue> values = [];
        try
        {
            foreach (var input in inputs) values.Add(input);
            using var results = _session.Run(options, [.. Inputs.Select(input => input.Name)], values, outputs);
            return [.. results.Select(read)];
        }
        catch (OnnxRuntimeException error)
        {
            throw RunError(error);
        }
        finally
        {
            foreach (var value in values) value.Dispose();
        }
    }

    List<NamedTensor> Ordered(IReadOnlyList<NamedTensor> inputs)
    {
        if (inputs.FirstOrDefault(tensor => Inputs.All(input => input.Name != tensor.Name)) is { } unknown)
            throw new ArgumentException(
                $"{Path} has no input \"{unknown.Name}\"; it takes {string.Join(", ", Inputs)}.", nameof(inputs));
        if (inputs.DistinctBy(tensor => tensor.Name).Count() < inputs.Count)
            throw new ArgumentException($"{Path}: an input is given twice.", nameof(inputs));

        return [.. Inputs.Select(input =>
        {
            var tensor = inputs.FirstOrDefault(tensor => tensor.Name == input.Name) ?? throw new ArgumentException(
                $"{Path}: the input {input} is missing.", nameof(inputs));
            var fits = tensor.ElementType == input.ElementType && tensor.Shape.Count == input.Shape.Count;
            for (var i = 0; fits && i < tensor.Shape.Count; i++)
                fits = input.Shape[i] < 0 || input.Shape[i] == tensor.Shape[i];
            return fits ? tensor : throw new ArgumentException($"{Path} takes {input}; {tensor} came.", nameof(inputs));
        })];
    }

    // in ONNX Runtime's own memory, which is aligned as its kernels want it
    static OrtValue Allocate(Type type, long[] shape) =>
        OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, ToOnnxType(type), shape);

    static OrtValue ToValue(NamedTensor tensor)
    {
        var value = Allocate(tensor.ElementType, [.. tensor.Shape]);
        tensor.Bytes.CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    static NamedTensor Copy(OrtValue result, OnnxTensorInfo output) => new(output.Name, output.ElementType!,
        result.GetTensorTypeAndShape().Shape, result.GetTensorMutableRawData().ToArray());

    void CheckOutput(string output)
    {
        if (Output(output).ElementType is null)
            throw new InvalidDataException($"{Path}: the output \"{output}\" is no tensor of numbers.");
    }
}
