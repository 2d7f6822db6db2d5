using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Retort.Runtime;

/// <summary>
/// A call of fixed shapes: fill <see cref="Input"/>, call <see cref="Run"/>, read <see cref="Output"/>. None of them
/// allocates. The buffers stay in place and are reused by the next run.
/// </summary>
public sealed class OnnxCall : IDisposable
{
    readonly OnnxModel _model;
    readonly InferenceSession _session;
    readonly RunOptions _options = new();
    readonly OrtIoBinding _binding;
    readonly Buffer[] _inputs;
    readonly Buffer[] _outputs = [];

    internal OnnxCall(
        OnnxModel model, InferenceSession session, IReadOnlyList<long[]> shapes, IReadOnlyList<string> outputs)
    {
        _model = model;
        _session = session;
        _binding = session.CreateIoBinding();
        OutputNames = outputs;
        _inputs = [.. shapes.Select((shape, i) => NewBuffer(model.Inputs[i], "input", shape))];
        try
        {
            _outputs = CreateOutputs();
            for (var i = 0; i < _inputs.Length; i++) _binding.BindInput(model.Inputs[i].Name, _inputs[i].Value);
            for (var i = 0; i < _outputs.Length; i++) _binding.BindOutput(outputs[i], _outputs[i].Value);
        }
        catch (OnnxRuntimeException error)
        {
            Dispose();
            throw model.RunError(error);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Names of the outputs.</summary>
    public IReadOnlyList<string> OutputNames { get; }

    /// <summary>Shape of an output, by its index in <see cref="OutputNames"/>.</summary>
    public IReadOnlyList<long> Shape(int output = 0) => _outputs[output].Shape;

    /// <summary>The elements of an input, by its index in the graph, for the caller to fill.</summary>
    public Span<T> Input<T>(int index = 0) where T : unmanaged => _inputs[index].As<T>();

    /// <summary>
    /// The elements of an output, by its index in <see cref="OutputNames"/>. The next run overwrites them.
    /// </summary>
    public ReadOnlySpan<T> Output<T>(int index = 0) where T : unmanaged => _outputs[index].As<T>();

    /// <summary>Computes the outputs from the inputs.</summary>
    public void Run()
    {
        SignalStack.Ensure();
        try
        {
            _session.RunWithBinding(_options, _binding);
        }
        catch (OnnxRuntimeException error)
        {
            throw _model.RunError(error);
        }
    }

    public void Dispose()
    {
        _binding.Dispose();
        _options.Dispose();
        foreach (var buffer in _inputs.Concat(_outputs)) buffer.Value.Dispose();
    }

    /// <summary>Runs the graph once to find the shapes of the outputs.</summary>
    Buffer[] CreateOutputs()
    {
        string[] inputNames = [.. _model.Inputs.Select(input => input.Name)];
        OrtValue[] inputs = [.. _inputs.Select(input => input.Value)];
        using var results = _session.Run(_options, inputNames, inputs, OutputNames);
        return [.. results.Select((result, i) =>
            NewBuffer(_model.Output(OutputNames[i]), "output", result.GetTensorTypeAndShape().Shape))];
    }

    Buffer NewBuffer(OnnxTensorInfo tensor, string kind, long[] shape) =>
        new(tensor.ElementType!, shape, $"{_model.Path}, {kind} {tensor.Name}");

    /// <summary>A tensor in pinned managed memory.</summary>
    sealed class Buffer
    {
        const int Alignment = 64;                                           // bytes

        readonly byte[] _bytes;
        readonly int _start;
        readonly int _length;
        readonly Type _type;
        readonly string _name;

        public Buffer(Type type, long[] shape, string name)
        {
            _type = type;
            _name = name;
            Shape = shape;

            double size = OnnxValueSize.BytesOf(type);
            foreach (var axis in shape) size *= axis;
            if (size > Array.MaxLength - Alignment)
                throw new InvalidDataException(
                    $"{name} would take {size} bytes for [{string.Join(", ", shape)}]; "
                    + $"one tensor may take at most {Array.MaxLength - Alignment}.");
            _length = (int)size;

            _bytes = GC.AllocateArray<byte>(_length + Alignment, pinned: true);
            var address = Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, 0);
            _start = (int)(-address & (Alignment - 1));
            Value = OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance, OnnxModel.ToOnnxType(type), shape, address + _start, _length);
        }

        public long[] Shape { get; }

        public OrtValue Value { get; }

        public Span<T> As<T>() where T : unmanaged => typeof(T) == _type
            ? MemoryMarshal.Cast<byte, T>(_bytes.AsSpan(_start, _length))
            : throw new InvalidOperationException(
                $"{_name} has {_type.Name} elements; they cannot be used as {typeof(T).Name}.");
    }
}
