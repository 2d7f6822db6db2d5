using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Retort.Runtime;

/// <summary>
/// An ONNX model on the CPU, run by ONNX Runtime. Calls made by <see cref="Prepare"/> may run in parallel on several
/// threads, each call on one at a time.
/// </summary>
public sealed partial class OnnxModel : IDisposable
{
    /// <summary>
    /// Limit for the memory of all models that are opened only to be inspected, weights and results together, in bytes.
    /// </summary>
    internal const int InspectionMemory = int.MaxValue;

    internal static readonly (Type Type, TensorElementType Onnx)[] ElementTypes =
    [
        (typeof(float), TensorElementType.Float),
        (typeof(double), TensorElementType.Double),
        (typeof(Half), TensorElementType.Float16),
        (typeof(long), TensorElementType.Int64),
        (typeof(int), TensorElementType.Int32),
        (typeof(sbyte), TensorElementType.Int8),
        (typeof(byte), TensorElementType.UInt8),
        (typeof(bool), TensorElementType.Bool),
    ];

    static readonly Lock s_gate = new();

    readonly InferenceSession _session;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file. Weights that it keeps in other files are beside it.</param>
    /// <param name="threads">Threads that one call may use. They sleep between calls and do not spin.</param>
    /// <exception cref="InvalidDataException">The file is missing, or no model that ONNX Runtime can run.</exception>
    /// <exception cref="InvalidOperationException">The program does not include the native ONNX Runtime.</exception>
    public OnnxModel(string path, int threads = 1) : this(path, null, threads) { }

    /// <summary>Opens a file's content, which must include all weights: no other file is read.</summary>
    /// <param name="path">The path that messages name.</param>
    /// <param name="content">The whole content; null to read the file.</param>
    /// <param name="threads">Threads that one call may use.</param>
    /// <exception cref="InvalidDataException">
    /// It is no model that ONNX Runtime can run, or it names another file.
    /// </exception>
    public OnnxModel(string path, byte[]? content, int threads) : this(path, content, threads, limitMemory: false) { }

    /// <summary>
    /// With <paramref name="limitMemory"/>, the model allocates from an arena of <see cref="InspectionMemory"/> bytes.
    /// </summary>
    internal OnnxModel(string path, byte[]? content, int threads, bool limitMemory)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Path = path;
        if (content is null && !File.Exists(path)) throw new InvalidDataException($"{path} is not there.");
        if (content is not null) CheckHasNoExternalData(path, content);
        using (Stream bytes = content is null ? InputFile.Open(path) : new MemoryStream(content))
            if (OnnxExternalData.HasZeroInMetadataKey(bytes)) throw Unreadable(path);

        try
        {
            InitializeRuntime();
            using var options = NewSessionOptions(threads, limitMemory);
            _session = content is null ? new(path, options) : new(content, options);
            Inputs = [.. _session.InputNames.Select(name => ToTensorInfo(name, _session.InputMetadata[name]))];
            Outputs = [.. _session.OutputNames.Select(name => ToTensorInfo(name, _session.OutputMetadata[name]))];
            Metadata = _session.ModelMetadata.CustomMetadataMap;
        }
        catch (OnnxRuntimeException error)
        {
            _session?.Dispose();
            throw new InvalidDataException($"{path} is no ONNX model that can be run: {Reason(error)}", error);
        }
        catch (Exception error) when (                                      // its managed code, on odd names and sizes
            error is NullReferenceException or OverflowException or ArgumentException)
        {
            _session?.Dispose();
            throw Unreadable(path, error);
        }
        catch (Exception error) when (
            error is DllNotFoundException
                or TypeInitializationException { InnerException: DllNotFoundException or EntryPointNotFoundException })
        {
            throw new InvalidOperationException(
                "ONNX files need the native ONNX Runtime, which this program does not bring: "
                + "reference the package Microsoft.ML.OnnxRuntime.", error);
        }
    }

    static SessionOptions NewSessionOptions(int threads, bool limitMemory)
    {
        var options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        if (limitMemory) options.AddSessionConfigEntry("session.use_env_allocators", "1");
        return options;
    }

    static InvalidDataException Unreadable(string path, Exception? inner = null) =>
        new($"{path} is no ONNX model that can be run: its description of itself cannot be read.", inner);

    /// <summary>Path of the file.</summary>
    public string Path { get; }

    /// <summary>The inputs, in the graph's order.</summary>
    public IReadOnlyList<OnnxTensorInfo> Inputs { get; }

    /// <summary>The outputs, in the graph's order.</summary>
    public IReadOnlyList<OnnxTensorInfo> Outputs { get; }

    /// <summary>The file's metadata (<c>metadata_props</c>).</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The input of this name.</summary>
    /// <exception cref="InvalidDataException">There is none; the message lists those there are.</exception>
    public OnnxTensorInfo Input(string name) => Find(Inputs, name, "input");

    /// <summary>The output of this name.</summary>
    /// <exception cref="InvalidDataException">There is none; the message lists those there are.</exception>
    public OnnxTensorInfo Output(string name) => Find(Outputs, name, "output");

    /// <summary>
    /// Creates a call of fixed shapes with its own buffers. The graph is run once on zeros to find the outputs' shapes,
    /// which also warms it up.
    /// </summary>
    /// <param name="shapes">A shape for each input, in the order of <see cref="Inputs"/>.</param>
    /// <param name="outputs">Names of the wanted outputs. What they do not need is not computed.</param>
    public OnnxCall Prepare(IReadOnlyList<long[]> shapes, params IReadOnlyList<string> outputs)
    {
        if (shapes.Count != Inputs.Count)
            throw new ArgumentException(
                $"{Path} takes {Inputs.Count} inputs ({string.Join(", ", Inputs)}); {shapes.Count} shapes came.",
                nameof(shapes));
        for (var i = 0; i < shapes.Count; i++) CheckShape(Inputs[i], shapes[i]);
        foreach (var output in outputs) CheckOutput(output);
        return new(this, _session, shapes, outputs);
    }

    /// <summary>Runs the graph once on zeros and returns the shapes of its outputs.</summary>
    internal IReadOnlyList<long[]> FindShapes(IReadOnlyList<long[]> shapes, IReadOnlyList<string> outputs)
    {
        for (var i = 0; i < shapes.Count; i++) CheckShape(Inputs[i], shapes[i]);
        return RunOnce(shapes.Select(Zeros), outputs, (result, _) => result.GetTensorTypeAndShape().Shape);

        OrtValue Zeros(long[] shape, int i)
        {
            var value = Allocate(Inputs[i].ElementType!, shape);
            value.GetTensorMutableRawData().Clear();
            return value;
        }
    }

    public void Dispose() => _session.Dispose();

    internal static TensorElementType ToOnnxType(Type type) => ElementTypes.First(pair => pair.Type == type).Onnx;

    internal InvalidDataException RunError(OnnxRuntimeException error) =>
        new($"{Path} cannot be run: {Reason(error)}", error);

    void CheckShape(OnnxTensorInfo input, long[] shape)
    {
        if (input.ElementType is null)
            throw new InvalidDataException($"{Path}: the input \"{input.Name}\" is no tensor of numbers.");

        var fits = shape.Length == input.Shape.Count;
        for (var i = 0; fits && i < shape.Length; i++)
            fits = shape[i] > 0 && (input.Shape[i] < 0 || input.Shape[i] == shape[i]);
        if (!fits) throw new InvalidDataException($"{Path} takes {input}; [{string.Join(", ", shape)}] came.");
    }

    // ONNX Runtime would look for another file in the current directory
    static void CheckHasNoExternalData(string path, byte[] content)
    {
        using var bytes = new MemoryStream(content, writable: false);
        if (OnnxExternalData.Of(bytes, path) is not [var (tensor, location), ..]) return;

        var name = tensor.Length > 0 ? tensor.OnOneLine() : "a tensor";
        var file = location.Length > 0 ? location.OnOneLine() : "unnamed";
        throw new InvalidDataException(
            $"{path} keeps {name} in another file ({file}): only models of one file are read.");
    }

    OnnxTensorInfo Find(IReadOnlyList<OnnxTensorInfo> tensors, string name, string kind) =>
        tensors.FirstOrDefault(tensor => tensor.Name == name) ?? throw new InvalidDataException(
            $"{Path} has no {kind} \"{name}\"; it has {string.Join(", ", tensors)}.");

    static OnnxTensorInfo ToTensorInfo(string name, NodeMetadata node)
    {
        if (!node.IsTensor) return new(name, null, [], []);

        var type = ElementTypes.FirstOrDefault(pair => pair.Onnx == node.ElementDataType).Type;
        return new(
            name, type, [.. node.Dimensions.Select(size => (long)size)],
            [.. node.SymbolicDimensions.Select(axis => axis ?? "")]);
    }

    /// <summary>
    /// Creates ONNX Runtime's environment without console output, since its own first log line would come before any
    /// session's settings; and the arena of limited size.
    /// </summary>
    static void InitializeRuntime()
    {
        const int ExtendAsRequested = 1;
        const int Default = -1;
        lock (s_gate)
        {
            if (OrtEnv.IsCreated) return;

            var options = new EnvironmentCreationOptions
            {
                logId = "retort",
                logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            };
            OrtEnv.CreateInstanceWithOptions(ref options).DisableTelemetryEvents();
            using var memory = new OrtMemoryInfo(
                OrtMemoryInfo.allocatorCPU, OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);
            using var arena = new OrtArenaCfg(
                InspectionMemory, ExtendAsRequested, initialChunkSizeBytes: Default, maxDeadBytesPerChunk: Default);
            OrtEnv.Instance().CreateAndRegisterAllocator(memory, arena);
        }
    }

    /// <summary>The first line of the message, without the code and path in front, as a sentence.</summary>
    static string Reason(OnnxRuntimeException error)
    {
        const string Failed = " failed:";
        var text = error.Message.Split('\n')[0];
        if (text.StartsWith('[')) text = text[(text.IndexOf(']', StringComparison.Ordinal) + 1)..];
        var index = text.IndexOf(Failed, StringComparison.Ordinal);
        if (index >= 0) text = text[(index + Failed.Length)..];
        return text.Trim().TrimEnd('.').OnOneLine() + ".";
    }
}
