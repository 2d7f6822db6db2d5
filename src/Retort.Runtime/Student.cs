using System.Buffers;
using System.Numerics.Tensors;
using Retort.Runtime.Features;
using Retort.Runtime.Metrics;

namespace Retort.Runtime;

/// <summary>
/// An exported student, loaded from its folder. It needs no training stack: inputs and outputs are spans, or arrays by
/// name.
/// </summary>
/// <remarks>
/// One student serves any number of threads. Each call takes its own buffers from a pool, which grows to as many as
/// were ever in use at once for that number of examples; a call with a number of examples that was seen before
/// allocates nothing. Calls that run while the student is disposed still return; the last of them frees the native
/// session.
/// </remarks>
public sealed partial class Student : IDisposable
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
        _tokenizer = config.OpenTokenizer();
        _frontEnd = config.OpenFrontEnd();
        _calls = new(graph, MaxBatchSize, count =>
            graph.Prepare([[count, .. config.Inputs[0].Shape.Skip(1)]], StudentConfig.Logits));
        if (config.Single is not null) _calls.Return(_calls.Rent(1));       // the first prediction is as fast as others
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
    /// Compares every file that the folder's <c>config.json</c> lists with its SHA-256. <see cref="Open"/> does so for
    /// the model that it reads.
    /// </summary>
    /// <exception cref="InvalidDataException">Names the first file that is missing or has changed.</exception>
    public static void Verify(string folder) => StudentConfig.Read(folder).Verify();

    /// <summary>Names of the classes, in the order of the logits; empty where the student has none.</summary>
    public IReadOnlyList<string> Classes => _config.Classes;

    /// <summary>
    /// Names of the columns of the table that it was trained on, in the order of the input's values; null where they
    /// had none, or it was exported by a Retort that did not store them.
    /// </summary>
    public IReadOnlyList<string>? Columns => _config.Columns;

    /// <summary>The task's name in recipes: classification, embedding, …</summary>
    public string Task => _config.Task;

    /// <summary>The inputs by name, with type and shape; the size of a dynamic axis is -1.</summary>
    public IReadOnlyList<OnnxTensorInfo> Inputs => _config.Inputs;

    /// <summary>The outputs by name, with type and shape; the size of a dynamic axis is -1.</summary>
    public IReadOnlyList<OnnxTensorInfo> Outputs => _config.Outputs;

    /// <summary>
    /// Name of the input: <c>pixel_values</c>, with values from 0 to 1, <c>features</c>, with values as in the table,
    /// or <c>input_features</c>, the spectrogram of a window of sound.
    /// </summary>
    /// <exception cref="InvalidOperationException">The student takes other <see cref="Inputs"/>.</exception>
    public string InputName => Single.Name;

    /// <summary>
    /// Channels, rows and columns of an example; of a student of images and texts, of the image. Features are channels
    /// of one pixel.
    /// </summary>
    /// <exception cref="InvalidOperationException">The student takes other <see cref="Inputs"/>.</exception>
    public ImageSize ImageSize => (_config.Image ?? Single).Size;

    /// <summary>The value of white in the training data: a value divided by it is a pixel. 1 for features.</summary>
    /// <exception cref="InvalidOperationException">The student takes other <see cref="Inputs"/>.</exception>
    public double Scale => (_config.Image ?? Single).Scale;

    /// <summary>
    /// Computes outputs for inputs of any types and shapes that the graph takes: token ids with their mask, several
    /// inputs, other outputs than logits.
    /// </summary>
    /// <param name="inputs">All inputs, in any order. The batch axis comes first.</param>
    /// <param name="outputs">Names of the outputs to compute; all unless given.</param>
    /// <returns>The outputs by name.</returns>
    /// <exception cref="ArgumentException">An input is missing or unknown, or of another type or shape.</exception>
    /// <exception cref="InvalidDataException">The graph has no such output, or fails on these inputs.</exception>
    public IReadOnlyDictionary<string, NamedTensor> Run(
        IReadOnlyList<NamedTensor> inputs, params IReadOnlyList<string> outputs) =>
        _calls.Use(graph => graph.Run(inputs, outputs)).ToDictionary(output => output.Name, StringComparer.Ordinal);

    /// <summary>
    /// Predicts the class of one example. Its values are ordered by channel, then by row: [C, H, W] or [D].
    /// </summary>
    /// <param name="example">One example.</param>
    /// <param name="probabilities">Receives the probability of each class. Their sum is 1.</param>
    /// <returns>The index of the most likely class.</returns>
    /// <exception cref="InvalidOperationException">The task is not classification.</exception>
    public int Predict(ReadOnlySpan<float> example, Span<float> probabilities)
    {
        CheckOneExample(example);
        CheckPredictsOneClass();
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
    /// Computes the probability of each class, or of each label, for one example or many.
    /// [N, C, H, W] or [N, D] → [N, classes]
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The task is neither classification (softmax of the logits) nor multi-label (sigmoid of each).
    /// </exception>
    public void Probabilities(ReadOnlySpan<float> examples, Span<float> probabilities)
    {
        CheckHasProbabilities();
        Logits(examples, probabilities);
        if (Task == "multi-label")
        {
            var all = probabilities[..(examples.Length / ImageSize.Count * Classes.Count)];
            TensorPrimitives.Sigmoid(all, all);
            return;
        }
        var rows = probabilities[..(examples.Length / ImageSize.Count * Classes.Count)];
        for (; rows.Length > 0; rows = rows[Classes.Count..]) Softmax(rows[..Classes.Count]);
    }

    /// <summary>
    /// Computes the logits (of a regression its values), for one example or many. [N, C, H, W] or [N, D] → [N, classes]
    /// </summary>
    public void Logits(ReadOnlySpan<float> examples, Span<float> logits)
    {
        var single = Single;
        var size = single.Size.Count;
        var classes = Classes.Count;
        if (examples.Length == 0 || examples.Length % size != 0)
            throw new ArgumentException(
                Invariant($"{single.Name} of one example are {size} numbers ({single.Size}); ")
                + Invariant($"{examples.Length} are no whole examples."), nameof(examples));
        var count = examples.Length / size;
        if (logits.Length < count * classes)
            throw new ArgumentException(
                Invariant($"{count} examples of {classes} classes need room for {count * classes} numbers; ")
                + Invariant($"there is room for {logits.Length}."), nameof(logits));
        if (single.IsImage) CheckRange(examples);

        for (var start = 0; start < count; start += MaxBatchSize)
        {
            var batch = Math.Min(count - start, MaxBatchSize);
            RunBatch(batch, examples.Slice(start * size, batch * size), logits[(start * classes)..]);
        }
    }

    public void Dispose() => _calls.Dispose();

    SingleInput Single => _config.Single ?? throw new InvalidOperationException(
        $"This student takes {string.Join(", ", Inputs)} and returns {string.Join(", ", Outputs)}: call Run with its "
        + "inputs by name.");

    Prediction MostLikely(float[] probabilities)
    {
        CheckPredictsOneClass();
        return ToPrediction(LogitRows.ArgMax(probabilities), probabilities);
    }

    void CheckPredictsOneClass()
    {
        if (Task != "classification") throw new InvalidOperationException(
            $"{_config.Folder} does not predict one class: its task must be \"classification\"; it is \"{Task}\".");
    }

    void CheckHasProbabilities()
    {
        if (Task is not ("classification" or "multi-label"))
            throw new InvalidOperationException(
                $"{_config.Folder} has no probabilities: its task must be \"classification\" or \"multi-label\"; "
                + $"it is \"{Task}\".");
    }

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

    internal static void CheckRange(ReadOnlySpan<float> pixels)
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
}
