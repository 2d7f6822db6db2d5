using System.Buffers;
using System.Numerics.Tensors;
using System.Text.Json;
using Retort.Runtime.Features;
using Retort.Runtime.Metrics;
using static System.FormattableString;

namespace Retort.Runtime;

/// <summary>
/// An exported student, loaded from its folder. It needs no training stack: inputs and outputs are spans.
/// </summary>
/// <remarks>
/// One student serves any number of threads. Each call takes its own buffers from a pool, which grows to as many as
/// were ever in use at once for that number of examples; a call with a number of examples that was seen before
/// allocates nothing. Calls that run while the student is disposed still return; the last of them frees the native
/// session.
/// </remarks>
public sealed class Student : IDisposable
{
    /// <summary>The most examples in one call of the graph. Longer batches are split.</summary>
    public const int MaxBatchSize = 64;

    const float Tolerance = 1e-3f;                                          // for rounding where pixels were computed
    const int MaxStackClasses = 1024;

    readonly StudentConfig _config;
    readonly CallPool _calls;

    Student(StudentConfig config, OnnxModel graph)
    {
        _config = config;
        _calls = new(
            graph, MaxBatchSize, count => graph.Prepare([[count, .. config.Shape]], StudentConfig.Output));
        _calls.Return(_calls.Rent(1));                                      // the first prediction is as fast as others
    }

    /// <summary>Opens a folder written by <c>retort export</c>.</summary>
    /// <param name="folder">A folder with <c>config.json</c> and <c>model.onnx</c>. Nothing else in it is read.</param>
    /// <param name="variant">
    /// <c>int8</c> or <c>float16</c> for <c>model.int8.onnx</c> or <c>model.float16.onnx</c>, if the folder has them.
    /// </param>
    /// <param name="threads">
    /// Threads that one call may use. Students are small: many calls in parallel gain more than many threads in one.
    /// </param>
    /// <exception cref="InvalidDataException">
    /// This is no student's folder, or one of another format, or its files have changed.
    /// </exception>
    public static Student Open(string folder, string? variant = null, int threads = 1)
    {
        var config = StudentConfig.Read(folder);
        var file = variant is null ? "model.onnx" : $"model.{variant}.onnx";
        var content = config.ReadFile(file);
        var graph = new OnnxModel(Path.Combine(folder, file), content, threads);
        try
        {
            Check(config, graph);
            return new(config, graph);
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Compares every file that the folder's <c>config.json</c> lists with its SHA-256. <see cref="Open"/> does so for
    /// the model that it reads.
    /// </summary>
    /// <exception cref="InvalidDataException">Names the first file that is missing or has changed.</exception>
    public static void Verify(string folder) => StudentConfig.Read(folder).Verify();

    /// <summary>Names of the classes, in the order of the outputs.</summary>
    public IReadOnlyList<string> Classes => _config.Classes;

    /// <summary>
    /// Name of the input: <c>pixel_values</c>, with values from 0 to 1, or <c>features</c>, with values as in the table.
    /// </summary>
    public string InputName => _config.InputName;

    /// <summary>Channels, rows and columns of an example. Features are channels of one pixel.</summary>
    public ImageSize ImageSize => _config.ImageSize;

    /// <summary>The value of white in the training data: a value divided by it is a pixel. 1 for features.</summary>
    public double Scale => _config.Scale;

    /// <summary>
    /// Predicts the class of one example. Its values are ordered by channel, then by row: [C, H, W] or [D].
    /// </summary>
    /// <param name="example">One example.</param>
    /// <param name="probabilities">Receives the probability of each class. Their sum is 1.</param>
    /// <returns>The index of the most likely class.</returns>
    public int Predict(ReadOnlySpan<float> example, Span<float> probabilities)
    {
        CheckOneExample(example);
        Probabilities(example, probabilities);
        return LogitRows.ArgMax(probabilities[..Classes.Count]);
    }

    /// <summary>Predicts the class of one example.</summary>
    public Prediction Predict(ReadOnlySpan<float> example)
    {
        CheckOneExample(example);
        if (Classes.Count > MaxStackClasses) return PredictWithRentedBuffer(example);

        Span<float> probabilities = stackalloc float[Classes.Count];
        return ToPrediction(Predict(example, probabilities), probabilities);
    }

    /// <summary>
    /// Computes the probability of each class, for one example or many. [N, C, H, W] or [N, D] → [N, classes]
    /// </summary>
    public void Probabilities(ReadOnlySpan<float> examples, Span<float> probabilities)
    {
        Logits(examples, probabilities);
        var rows = probabilities[..(examples.Length / ImageSize.Count * Classes.Count)];
        for (; rows.Length > 0; rows = rows[Classes.Count..]) Softmax(rows[..Classes.Count]);
    }

    /// <summary>Computes the logits, for one example or many. [N, C, H, W] or [N, D] → [N, classes]</summary>
    public void Logits(ReadOnlySpan<float> examples, Span<float> logits)
    {
        var size = ImageSize.Count;
        var classes = Classes.Count;
        if (examples.Length == 0 || examples.Length % size != 0)
            throw new ArgumentException(
                Invariant($"{InputName} of one example are {size} numbers ({ImageSize}); ")
                + Invariant($"{examples.Length} are no whole examples."), nameof(examples));
        var count = examples.Length / size;
        if (logits.Length < count * classes)
            throw new ArgumentException(
                Invariant($"{count} examples of {classes} classes need room for {count * classes} numbers; ")
                + Invariant($"there is room for {logits.Length}."), nameof(logits));
        if (InputName == "pixel_values") CheckRange(examples);

        for (var start = 0; start < count; start += MaxBatchSize)
        {
            var batch = Math.Min(count - start, MaxBatchSize);
            RunBatch(batch, examples.Slice(start * size, batch * size), logits[(start * classes)..]);
        }
    }

    public void Dispose() => _calls.Dispose();

    void RunBatch(int count, ReadOnlySpan<float> examples, Span<float> logits)
    {
        var call = _calls.Rent(count);
        try
        {
            examples.CopyTo(call.Call.Input<float>());
            call.Call.Run();
            call.Call.Output<float>().CopyTo(logits);
        }
        catch
        {
            _calls.Discard(call);
            throw;
        }
        _calls.Return(call);
    }

    void CheckOneExample(ReadOnlySpan<float> example)
    {
        if (example.Length != ImageSize.Count)
            throw new ArgumentException(
                Invariant($"{InputName} of one example are {ImageSize.Count} numbers ({ImageSize}); ")
                + Invariant($"{example.Length} came."), nameof(example));
    }

    Prediction PredictWithRentedBuffer(ReadOnlySpan<float> example)
    {
        var probabilities = ArrayPool<float>.Shared.Rent(Classes.Count);
        var prediction = ToPrediction(Predict(example, probabilities), probabilities);
        ArrayPool<float>.Shared.Return(probabilities);
        return prediction;
    }

    Prediction ToPrediction(int index, ReadOnlySpan<float> probabilities) =>
        new(index, Classes[index], probabilities[index]);

    static void CheckRange(ReadOnlySpan<float> pixels)
    {
        var min = TensorPrimitives.Min(pixels);
        var max = TensorPrimitives.Max(pixels);
        if (!(min >= -Tolerance && max <= 1 + Tolerance))                   // also true for NaN
            throw new ArgumentException(
                Invariant($"Pixels must be from 0 to 1 (a byte divided by 255); these go from {min} to {max}."),
                nameof(pixels));
    }

    static void Softmax(Span<float> row)
    {
        TensorPrimitives.Subtract(row, row[LogitRows.ArgMax(row)], row);
        TensorPrimitives.Exp(row, row);
        var sum = TensorPrimitives.Sum(row);
        if (!float.IsFinite(sum))
            throw new ArgumentException(
                "The student's output is not a number: an example must hold finite numbers of ordinary size.");
        TensorPrimitives.Divide(row, sum, row);
    }

    /// <summary>Checks that the graph is the one that the config describes.</summary>
    static void Check(StudentConfig config, OnnxModel graph)
    {
        long[] shape = [-1, .. config.Shape];
        if (graph.Inputs is not [var input] || input.Name != config.InputName || input.ElementType != typeof(float)
            || !input.Shape.SequenceEqual(shape))
            throw new InvalidDataException(
                $"{graph.Path} should take {config.InputName} float [batch, {string.Join(", ", config.Shape)}], "
                + $"as config.json says; it takes {string.Join(", ", graph.Inputs)}.");

        var output = graph.Output(StudentConfig.Output);
        if (output.ElementType != typeof(float) || !output.Shape.SequenceEqual([-1, config.Classes.Count]))
            throw new InvalidDataException(
                Invariant($"{graph.Path} should return {StudentConfig.Output} float [batch, {config.Classes.Count}], ")
                + $"one for each class of config.json; it returns {output}.");

        if (graph.Metadata.GetValueOrDefault("retort.classes") is { } exported
            && !ParseNames(exported, graph.Path).SequenceEqual(config.Classes))
            throw new InvalidDataException(
                $"{graph.Path} was exported with the classes {exported}; those of config.json are others.");
    }

    static string[] ParseNames(string json, string path)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(json) ?? [];
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{path}: its metadata \"retort.classes\" must be a JSON array of names.", error);
        }
    }
}
