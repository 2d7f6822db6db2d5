using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Retort.Runtime;

/// <summary>
/// An ONNX file, opened to be run on the CPU; the only code that knows ONNX Runtime. Calls made by <see cref="Prepare"/>
/// may run side by side on several threads, each call on one at a time.
/// </summary>
public sealed partial class OnnxModel : IDisposable
{
    static readonly Lock One = new();

    internal static readonly (Type Type, TensorElementType Onnx)[] Elements =
    [
        (typeof(float), TensorElementType.Float), (typeof(double), TensorElementType.Double), (typeof(Half), TensorElementType.Float16),
        (typeof(long), TensorElementType.Int64), (typeof(int), TensorElementType.Int32), (typeof(sbyte), TensorElementType.Int8),
        (typeof(byte), TensorElementType.UInt8), (typeof(bool), TensorElementType.Bool),
    ];

    readonly InferenceSession _session;

    /// <param name="path">The file; weights that it keeps in other files lie beside it.</param>
    /// <param name="threads">Threads that one call may use. They sleep between calls instead of waiting in a circle.</param>
    /// <exception cref="InvalidDataException">The file is not there or is no model that ONNX Runtime takes.</exception>
    /// <exception cref="InvalidOperationException">The program brings no native ONNX Runtime.</exception>
    public OnnxModel(string path, int threads = 1) : this(path, null, threads) { }

    /// <summary>A file that was read already; it must hold all its weights, for no other file is read.</summary>
    /// <param name="path">What messages call it.</param>
    /// <param name="content">All of it.</param>
    /// <param name="threads">Threads that one call may use.</param>
    /// <exception cref="InvalidDataException">It is no model that ONNX Runtime takes, or it names another file.</exception>
    public OnnxModel(string path, byte[]? content, int threads) : this(path, content, threads, limited: false) { }

    /// <summary>What all graphs that are only looked into may take together, weights and results; one that asks for more is refused.</summary>
    internal const int Limit = int.MaxValue;

    /// <summary>Where it is <paramref name="limited"/>, ONNX Runtime takes memory for it up to <see cref="Limit"/>.</summary>
    internal OnnxModel(string path, byte[]? content, int threads, bool limited)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Path = path;
        if (content is null && !File.Exists(path)) throw new InvalidDataException($"{path} is not there.");
        if (content is not null) MustBeWhole(path, content);
        using (Stream bytes = content is null ? File.OpenRead(path) : new MemoryStream(content))
            if (OnnxExternalData.HasZeroInMetadataKey(bytes)) throw Unreadable(path);
        try
        {
            Quieten();
            using var options = new SessionOptions
            {
                IntraOpNumThreads = threads, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            };
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            if (limited) options.AddSessionConfigEntry("session.use_env_allocators", "1");
            _session = content is null ? new(path, options) : new(content, options);
            Inputs = [.. _session.InputNames.Select(name => Port(name, _session.InputMetadata[name]))];
            Outputs = [.. _session.OutputNames.Select(name => Port(name, _session.OutputMetadata[name]))];
            Metadata = _session.ModelMetadata.CustomMetadataMap;
        }
        catch (OnnxRuntimeException error)
        {
            _session?.Dispose();
            throw new InvalidDataException($"{path} is no ONNX model that can be run: {Reason(error)}", error);
        }
        catch (Exception error) when (error is NullReferenceException or OverflowException or ArgumentException)     // of its managed part, over odd names and sizes
        {
            _session?.Dispose();
            throw Unreadable(path, error);
        }
        catch (Exception error) when (error is DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException or EntryPointNotFoundException })
        {
            throw new InvalidOperationException(
                "ONNX files need the native ONNX Runtime, which this program does not bring: reference the package Microsoft.ML.OnnxRuntime.", error);
        }
    }

    static InvalidDataException Unreadable(string path, Exception? inner = null) =>
        new($"{path} is no ONNX model that can be run: what it says of itself cannot be read.", inner);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What must be fed, in the graph's order.</summary>
    public IReadOnlyList<OnnxTensorInfo> Inputs { get; }

    /// <summary>What can be asked for, in the graph's order.</summary>
    public IReadOnlyList<OnnxTensorInfo> Outputs { get; }

    /// <summary>What the file says of itself (<c>metadata_props</c>).</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The input of this name, or a sentence with those there are.</summary>
    public OnnxTensorInfo Input(string name) => Named(Inputs, name, "input");

    /// <summary>The output of this name, or a sentence with those there are.</summary>
    public OnnxTensorInfo Output(string name) => Named(Outputs, name, "output");

    /// <summary>
    /// A call of fixed shapes with its own buffers. The graph is run once on zeros in order to learn the outputs' shapes,
    /// which also warms it up.
    /// </summary>
    /// <param name="shapes">A shape for each input, in the order of <see cref="Inputs"/>.</param>
    /// <param name="outputs">Names of what is wanted; the graph computes nothing that these do not need.</param>
    public OnnxCall Prepare(IReadOnlyList<long[]> shapes, params IReadOnlyList<string> outputs)
    {
        if (shapes.Count != Inputs.Count) throw new ArgumentException(
            $"{Path} takes {Inputs.Count} inputs ({string.Join(", ", Inputs)}); {shapes.Count} shapes came.", nameof(shapes));
        for (var i = 0; i < shapes.Count; i++) Check(Inputs[i], shapes[i]);
        foreach (var output in outputs) CheckOutput(output);
        return new(this, _session, shapes, outputs);
    }

    /// <summary>The shapes of results, learned by running the graph once on zeros; nothing of it is kept.</summary>
    internal IReadOnlyList<long[]> Shapes(IReadOnlyList<long[]> shapes, IReadOnlyList<string> outputs)
    {
        for (var i = 0; i < shapes.Count; i++) Check(Inputs[i], shapes[i]);
        using var options = new RunOptions();
        List<OrtValue> fed = [];
        try
        {
            for (var i = 0; i < shapes.Count; i++) fed.Add(OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, Elements.First(pair => pair.Type == Inputs[i].ElementType).Onnx, shapes[i]));
            foreach (var value in fed) value.GetTensorMutableRawData().Clear();
            using var results = _session.Run(options, [.. Inputs.Select(input => input.Name)], fed, outputs);
            return [.. results.Select(result => result.GetTensorTypeAndShape().Shape)];
        }
        catch (OnnxRuntimeException error)
        {
            throw new InvalidDataException($"{Path} cannot be run: {Reason(error)}", error);
        }
        finally
        {
            foreach (var value in fed) value.Dispose();
        }
    }

    public void Dispose() => _session.Dispose();

    void Check(OnnxTensorInfo input, long[] shape)
    {
        if (input.ElementType is null) throw new InvalidDataException($"{Path}: the input \"{input.Name}\" is no tensor of numbers.");
        var fits = shape.Length == input.Shape.Count;
        for (var i = 0; fits && i < shape.Length; i++) fits = shape[i] > 0 && (input.Shape[i] < 0 || input.Shape[i] == shape[i]);
        if (!fits) throw new InvalidDataException($"{Path} takes {input}; [{string.Join(", ", shape)}] came.");
    }

    // ONNX Runtime would look for another file in whatever folder the program was started in
    static void MustBeWhole(string path, byte[] content)
    {
        using var bytes = new MemoryStream(content, writable: false);
        if (OnnxExternalData.Of(bytes, path) is [var (tensor, location), ..]) throw new InvalidDataException(
            $"{path} keeps {(tensor.Length > 0 ? tensor.OnOneLine() : "a tensor")} in another file ({(location.Length > 0 ? location.OnOneLine() : "unnamed")}): only models of one file are read.");
    }

    OnnxTensorInfo Named(IReadOnlyList<OnnxTensorInfo> ports, string name, string kind) => ports.FirstOrDefault(port => port.Name == name)
        ?? throw new InvalidDataException($"{Path} has no {kind} \"{name}\"; it has {string.Join(", ", ports)}.");

    static OnnxTensorInfo Port(string name, NodeMetadata node)
    {
        if (!node.IsTensor) return new(name, null, [], []);
        var element = Elements.FirstOrDefault(pair => pair.Onnx == node.ElementDataType).Type;
        return new(name, element, [.. node.Dimensions.Select(size => (long)size)], [.. node.SymbolicDimensions.Select(axis => axis ?? "")]);
    }

    /// <summary>Libraries do not write to the console; ONNX Runtime's own first log line comes before any session's settings.</summary>
    static void Quieten()
    {
        lock (One)
        {
            if (OrtEnv.IsCreated) return;
            var options = new EnvironmentCreationOptions { logId = "retort", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            OrtEnv.CreateInstanceWithOptions(ref options).DisableTelemetryEvents();
            using var memory = new OrtMemoryInfo(OrtMemoryInfo.allocatorCPU, OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);
            using var arena = new OrtArenaCfg(Limit, arenaExtendStrategy: 1, initialChunkSizeBytes: -1, maxDeadBytesPerChunk: -1);     // 1: as much as is asked for
            OrtEnv.Instance().CreateAndRegisterAllocator(memory, arena);
        }
    }

    /// <summary>The first line without the code and path in front, as a sentence.</summary>
    internal static string Reason(OnnxRuntimeException error)
    {
        var text = error.Message.Split('\n')[0];
        if (text.StartsWith('[')) text = text[(text.IndexOf(']', StringComparison.Ordinal) + 1)..];
        if (text.Contains(" failed:", StringComparison.Ordinal)) text = text[(text.IndexOf(" failed:", StringComparison.Ordinal) + " failed:".Length)..];
        return text.Trim().TrimEnd('.').OnOneLine() + ".";
    }
}

/// <summary>
/// A call of fixed shapes: fill <see cref="Input"/>, <see cref="Run"/>, read <see cref="Output"/>; nothing is allocated
/// by any of them. The buffers lie still in memory and are reused by the next run.
/// </summary>
public sealed class OnnxCall : IDisposable
{
    const int Alignment = 64;
    readonly string _path;
    readonly InferenceSession _session;
    readonly RunOptions _options = new();
    readonly OrtIoBinding _binding;
    readonly Buffer[] _inputs;
    readonly Buffer[] _outputs;

    internal OnnxCall(OnnxModel onnx, InferenceSession session, IReadOnlyList<long[]> shapes, IReadOnlyList<string> outputs)
    {
        (_path, _session, _binding) = (onnx.Path, session, session.CreateIoBinding());
        _inputs = [.. shapes.Select((shape, i) => new Buffer(onnx.Inputs[i].ElementType!, shape, $"{onnx.Path}, input {onnx.Inputs[i].Name}"))];
        (_outputs, OutputNames) = ([], outputs);
        try
        {
            _outputs = Learned(onnx, outputs);
            for (var i = 0; i < _inputs.Length; i++) _binding.BindInput(onnx.Inputs[i].Name, _inputs[i].Value);
            for (var i = 0; i < _outputs.Length; i++) _binding.BindOutput(outputs[i], _outputs[i].Value);
        }
        catch (OnnxRuntimeException error)
        {
            Dispose();
            throw Failed(error);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What was asked for, in that order.</summary>
    public IReadOnlyList<string> OutputNames { get; }

    /// <summary>Shape of an output, by its place among those asked for.</summary>
    public IReadOnlyList<long> Shape(int output = 0) => _outputs[output].Shape;

    /// <summary>The numbers of an input, by its place in the graph, to be filled.</summary>
    public Span<T> Input<T>(int index = 0) where T : unmanaged => _inputs[index].As<T>();

    /// <summary>The numbers of an output, by its place among those asked for; they change with the next run.</summary>
    public ReadOnlySpan<T> Output<T>(int index = 0) where T : unmanaged => _outputs[index].As<T>();

    /// <summary>From the inputs to the outputs.</summary>
    public void Run()
    {
        try
        {
            _session.RunWithBinding(_options, _binding);
        }
        catch (OnnxRuntimeException error)
        {
            throw Failed(error);
        }
    }

    public void Dispose()
    {
        _binding.Dispose();
        _options.Dispose();
        foreach (var buffer in _inputs.Concat(_outputs)) buffer.Value.Dispose();
    }

    Buffer[] Learned(OnnxModel onnx, IReadOnlyList<string> outputs)
    {
        using var results = _session.Run(_options, [.. onnx.Inputs.Select(input => input.Name)], [.. _inputs.Select(input => input.Value)], outputs);
        return [.. results.Select((result, i) =>
            new Buffer(onnx.Output(outputs[i]).ElementType!, result.GetTensorTypeAndShape().Shape, $"{_path}, output {outputs[i]}"))];
    }

    InvalidDataException Failed(OnnxRuntimeException error) => new($"{_path} cannot be run: {OnnxModel.Reason(error)}", error);

    /// <summary>A tensor over memory of ours that does not move.</summary>
    sealed class Buffer
    {
        readonly byte[] _bytes;
        readonly int _start, _length;
        readonly Type _type;
        readonly string _name;

        public Buffer(Type type, long[] shape, string name)
        {
            (_type, _name, Shape) = (type, name, shape);
            var size = (double)(type == typeof(Half) ? 2 : type == typeof(bool) ? 1 : Marshal.SizeOf(type));
            foreach (var axis in shape) size *= axis;
            if (size > Array.MaxLength - Alignment) throw new InvalidDataException(
                $"{name} would take {size} bytes for [{string.Join(", ", shape)}]; one tensor may take at most {Array.MaxLength - Alignment}.");
            _length = (int)size;
            _bytes = GC.AllocateArray<byte>(_length + Alignment, pinned: true);
            var address = Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, 0);
            _start = (int)(-address & (Alignment - 1));
            Value = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, OnnxModel.Elements.First(pair => pair.Type == type).Onnx, shape, address + _start, _length);
        }

        public long[] Shape { get; }

        public OrtValue Value { get; }

        public Span<T> As<T>() where T : unmanaged => typeof(T) == _type
            ? MemoryMarshal.Cast<byte, T>(_bytes.AsSpan(_start, _length))
            : throw new InvalidOperationException($"{_name} has {_type.Name} numbers; {typeof(T).Name} was asked for.");
    }
}
