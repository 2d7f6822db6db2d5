using System.Buffers;
using System.Numerics.Tensors;
using Retort.Runtime.Features;
using Retort.Runtime.Metrics;
using static System.FormattableString;

namespace Retort.Runtime;

/// <summary>An exported student, opened from its folder. It needs no training stack.</summary>
/// <remarks>
/// One student serves any number of threads: each call takes buffers of its own from a pool, which grows to as many as
/// were ever in use at once for that number of examples. A call of the span methods with a number of examples that was
/// seen before allocates nothing. Disposing a student while other threads use it is safe: calls that began return
/// their result, and the native part is freed with the last of them.
/// </remarks>
public sealed class Student : IDisposable
{
    /// <summary>The most examples that one call of the graph takes; longer batches are cut.</summary>
    public const int MaxBatchSize = 64;

    const float Tolerance = 1e-3f;                         // for rounding, where pixels were computed
    const int MaxOnStack = 1024;

    readonly StudentConfig _config;
    readonly CallPool _calls;

    Student(StudentConfig config, OnnxModel graph)
    {
        _config = config;
        _calls = new(graph, MaxBatchSize, count =>
            graph.Prepare([[count, .. config.Inputs[0].Shape.Skip(1)]], StudentConfig.Logits));
        if (config.Single is not null) _calls.Return(_calls.Rent(1));      // the first call is as fast as the others
    }

    /// <summary>Opens a folder that <c>retort export</c> wrote.</summary>
    /// <param name="folder">Has <c>config.json</c> and <c>model.onnx</c>; nothing else in it is read.</param>
    /// <param name="variant">
    /// <c>int8</c> or <c>float16</c> for <c>model.int8.onnx</c> or <c>model.float16.onnx</c>, where the folder has
    /// them.
    /// </param>
    /// <param name="threads">
    /// Threads of one call. Students are small: many calls side by side gain more than many threads in one.
    /// </param>
    /// <exception cref="InvalidDataException">
    /// The folder is no student's, of another format, or not as it was written.
    /// </exception>
    public static Student Open(string folder, string? variant = null, int threads = 1)
    {
        var config = StudentConfig.Read(folder);
        var file = variant is null ? "model.onnx" : $"model.{variant}.onnx";
        var graph = new OnnxModel(Path.Combine(folder, file), config.Content(file), threads);
        try
        {
            StudentCheck.Check(config, graph);
            return new(config, graph);
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Checks every file that the folder's <c>config.json</c> lists against its SHA-256; <see cref="Open"/> checks only
    /// the graph that it reads.
    /// </summary>
    /// <exception cref="InvalidDataException">The first file that is missing or not as it was written.</exception>
    public static void Verify(string folder) => StudentConfig.Read(folder).Verify();

    /// <summary>The classes' names, in the order of the logits; empty where the student has none.</summary>
    public IReadOnlyList<string> Classes => _config.Classes;

    /// <summary>The task's name in recipes: classification, embedding, …</summary>
    public string Task => _config.Task;

    /// <summary>The inputs by name, with type and shape; sizes that vary are -1.</summary>
    public IReadOnlyList<OnnxTensorInfo> Inputs => _config.Inputs;

    /// <summary>The outputs by name, with type and shape; sizes that vary are -1.</summary>
    public IReadOnlyList<OnnxTensorInfo> Outputs => _config.Outputs;

    /// <summary>
    /// The name of the only input: <c>pixel_values</c>, numbers from 0 to 1, or <c>features</c>, numbers as in the
    /// table.
    /// </summary>
    /// <exception cref="InvalidOperationException">It takes something else: see <see cref="Inputs"/>.</exception>
    public string InputName => Single.Name;

    /// <summary>Channels, height and width of an image; the columns of a row are channels of one pixel.</summary>
    /// <exception cref="InvalidOperationException">It takes something else: see <see cref="Inputs"/>.</exception>
    public ImageSize ImageSize => Single.Size;

    /// <summary>
    /// The number of the training data's files that is white: their numbers divided by it are pixels. 1 for features.
    /// </summary>
    /// <exception cref="InvalidOperationException">It takes something else: see <see cref="Inputs"/>.</exception>
    public double Scale => Single.Scale;

    /// <summary>
    /// The outputs for inputs of any types and shapes that the graph takes: token ids with their mask, several inputs,
    /// other outputs than logits.
    /// </summary>
    /// <param name="inputs">All inputs, in any order; the batch axis comes first.</param>
    /// <param name="outputs">Names of the outputs to compute; all unless given.</param>
    /// <returns>The outputs by name.</returns>
    /// <exception cref="ArgumentException">An input is missing or unknown, or of another type or shape.</exception>
    /// <exception cref="InvalidDataException">The graph has no such output, or fails on these inputs.</exception>
    public IReadOnlyDictionary<string, NamedTensor> Run(
        IReadOnlyList<NamedTensor> inputs, params IReadOnlyList<string> outputs) =>
        _calls.Use(graph => graph.Run(inputs, outputs)).ToDictionary(output => output.Name, StringComparer.Ordinal);

    /// <summary>The probability of each class for one example, and the likeliest class.</summary>
    /// <param name="example">Channel by channel, row by row. [C, H, W] or [D]</param>
    /// <param name="probabilities">One a class; their sum is 1.</param>
    /// <returns>The index of the likeliest class.</returns>
    public int Predict(ReadOnlySpan<float> example, Span<float> probabilities)
    {
        CheckOne(example);
        Probabilities(example, probabilities);
        return LogitRows.ArgMax(probabilities[..Classes.Count]);
    }

    /// <summary>The likeliest class of one example.</summary>
    public Prediction Predict(ReadOnlySpan<float> example)
    {
        CheckOne(example);
        if (Classes.Count > MaxOnStack) return PredictMany(example);

        Span<float> probabilities = stackalloc float[Classes.Count];
        return ToPrediction(Predict(example, probabilities), probabilities);
    }

    /// <summary>The probability of each class, for one example or many. [N, C, H, W] or [N, D] → [N, classes]</summary>
    /// <exception cref="InvalidOperationException">The task is not classification.</exception>
    public void Probabilities(ReadOnlySpan<float> examples, Span<float> probabilities)
    {
        if (Task != "classification") throw new InvalidOperationException(
            $"Only students of the task \"classification\" have probabilities; this one's task is \"{Task}\".");
        Logits(examples, probabilities);
        var rows = probabilities[..(examples.Length / ImageSize.Count * Classes.Count)];
        for (; rows.Length > 0; rows = rows[Classes.Count..]) Softmax(rows[..Classes.Count]);
    }

    /// <summary>
    /// The logits (scores before the softmax, or regressed values), for one example or many.
    /// [N, C, H, W] or [N, D] → [N, classes]
    /// </summary>
    public void Logits(ReadOnlySpan<float> examples, Span<float> logits)
    {
        var single = Single;
        var (size, classes) = (single.Size.Count, Classes.Count);
        if (examples.Length == 0 || examples.Length % size != 0) throw new ArgumentException(Invariant(
            $"{single.Name} of one example are {size} numbers ({single.Size}); ")
            + Invariant($"{examples.Length} are no whole examples."), nameof(examples));
        var count = examples.Length / size;
        if (logits.Length < count * classes) throw new ArgumentException(Invariant(
            $"{count} examples of {classes} classes need room for {count * classes} numbers; ")
            + Invariant($"there is room for {logits.Length}."), nameof(logits));
        if (single.IsImage) CheckRange(examples);

        for (var (at, some) = (0, 0); at < count; at += some)
        {
            some = Math.Min(count - at, MaxBatchSize);
            Run(examples.Slice(at * size, some * size), some, logits[(at * classes)..]);
        }
    }

    public void Dispose() => _calls.Dispose();

    SingleInput Single => _config.Single ?? throw new InvalidOperationException(
        $"This student takes {string.Join(", ", Inputs)} and returns {string.Join(", ", Outputs)}: call Run with its "
        + "inputs by name.");

    void Run(ReadOnlySpan<float> examples, int count, Span<float> logits)
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

    void CheckOne(ReadOnlySpan<float> example)
    {
        var single = Single;
        if (example.Length != single.Size.Count) throw new ArgumentException(Invariant(
            $"{single.Name} of one example are {single.Size.Count} numbers ({single.Size}); {example.Length} came."),
            nameof(example));
    }

    Prediction PredictMany(ReadOnlySpan<float> example)
    {
        var rented = ArrayPool<float>.Shared.Rent(Classes.Count);
        var prediction = ToPrediction(Predict(example, rented), rented);
        ArrayPool<float>.Shared.Return(rented);
        return prediction;
    }

    Prediction ToPrediction(int index, ReadOnlySpan<float> probabilities) =>
        new(index, Classes[index], probabilities[index]);

    static void CheckRange(ReadOnlySpan<float> pixels)
    {
        var (min, max) = (TensorPrimitives.Min(pixels), TensorPrimitives.Max(pixels));
        if (!(min >= -Tolerance && max <= 1 + Tolerance)) throw new ArgumentException(Invariant(
            $"Pixels must be from 0 to 1 (a byte divided by 255); these go from {min} to {max}."), nameof(pixels));
    }

    static void Softmax(Span<float> row)
    {
        TensorPrimitives.Subtract(row, row[LogitRows.ArgMax(row)], row);
        TensorPrimitives.Exp(row, row);
        var sum = TensorPrimitives.Sum(row);
        if (!float.IsFinite(sum)) throw new ArgumentException(
            "The student's logits are not finite: an example must hold finite numbers of ordinary size.");
        TensorPrimitives.Divide(row, sum, row);
    }
}

/// <summary>The likeliest class.</summary>
/// <param name="Class">Its index.</param>
/// <param name="Name">Its name.</param>
/// <param name="Probability">From 0 to 1.</param>
public readonly record struct Prediction(int Class, string Name, float Probability);
