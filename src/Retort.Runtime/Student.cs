using System.Numerics.Tensors;
using System.Text.Json;
using Retort.Runtime.Features;
using Retort.Runtime.Metrics;
using static System.FormattableString;

namespace Retort.Runtime;

/// <summary>
/// An exported student, opened from its folder to be asked. It needs no training stack: spans go in and come out.
/// </summary>
/// <remarks>
/// One student serves any number of threads: each call takes buffers of its own from a pool, which grows to as many as
/// were ever asked at once with that number of examples. A call with a number of examples that was seen before allocates nothing. Threads that still
/// ask while it is disposed get their answer; the native part goes with the last of them.
/// </remarks>
public sealed class Student : IDisposable
{
    /// <summary>The most examples that one call of the graph takes; longer batches are cut.</summary>
    public const int MaxBatchSize = 64;

    const float Slack = 1e-3f;                             // rounding, where pixels were computed
    const int OnStack = 1024;

    readonly StudentConfig _card;
    readonly CallPool _calls;

    Student(StudentConfig card, OnnxModel graph)
    {
        (_card, _calls) = (card, new(graph, MaxBatchSize, count => graph.Prepare([[count, .. card.Shape]], StudentConfig.Output)));
        _calls.Give(_calls.Take(1));                       // the first answer is as quick as the others
    }

    /// <summary>Opens a folder that <c>retort export</c> wrote.</summary>
    /// <param name="folder">With <c>config.json</c> and <c>model.onnx</c>; nothing else in it is read.</param>
    /// <param name="variant"><c>int8</c> or <c>float16</c> for <c>model.int8.onnx</c> or <c>model.float16.onnx</c>, where the folder has them.</param>
    /// <param name="threads">Threads that one call may use. Students are small: many calls side by side gain more than many threads in one.</param>
    /// <exception cref="InvalidDataException">The folder is no student's, of another format, or not as it was written.</exception>
    public static Student Open(string folder, string? variant = null, int threads = 1)
    {
        var card = StudentConfig.Read(folder);
        var file = variant is null ? "model.onnx" : $"model.{variant}.onnx";
        var (path, content) = (Path.Combine(folder, file), card.Bytes(file));
        var graph = new OnnxModel(path, content, threads);
        try
        {
            Check(card, graph);
            return new(card, graph);
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Holds every file that the folder's <c>config.json</c> lists against its SHA-256: what <see cref="Open"/> does for
    /// the one model it reads.
    /// </summary>
    /// <exception cref="InvalidDataException">The first file that is missing or not as it was written.</exception>
    public static void Verify(string folder) => StudentConfig.Read(folder).Verify();

    /// <summary>The classes' names, in the order of the numbers that come out.</summary>
    public IReadOnlyList<string> Classes => _card.Classes;

    /// <summary>What goes in: <c>pixels</c>, numbers from 0 to 1, or <c>features</c>, numbers as they were in the table.</summary>
    public string InputName => _card.InputName;

    /// <summary>Channels, rows and columns of an example; features are channels of one pixel.</summary>
    public ImageSize ImageSize => _card.ImageSize;

    /// <summary>What stood for white in the files that it was trained on: their numbers divided by this are pixels. 1 for features.</summary>
    public double Scale => _card.Scale;

    /// <summary>
    /// The likeliest class of one example and how likely each is. Examples are channel by channel, row by row:
    /// [C, H, W] or [D].
    /// </summary>
    /// <param name="example">One example.</param>
    /// <param name="probabilities">One a class, together 1.</param>
    /// <returns>The class's number.</returns>
    public int Predict(ReadOnlySpan<float> example, Span<float> probabilities)
    {
        One(example);
        Probabilities(example, probabilities);
        return LogitRows.ArgMax(probabilities[..Classes.Count]);
    }

    /// <summary>The likeliest class of one example.</summary>
    public Prediction Predict(ReadOnlySpan<float> example)
    {
        One(example);
        if (Classes.Count > OnStack) return Large(example);
        Span<float> probabilities = stackalloc float[Classes.Count];
        return Named(Predict(example, probabilities), probabilities);
    }

    /// <summary>How likely each class is, for one example or many. [N, C, H, W] or [N, D] → [N, classes]</summary>
    public void Probabilities(ReadOnlySpan<float> examples, Span<float> probabilities)
    {
        Logits(examples, probabilities);
        for (var rows = probabilities[..(examples.Length / ImageSize.Count * Classes.Count)]; rows.Length > 0; rows = rows[Classes.Count..])
            Softmax(rows[..Classes.Count]);
    }

    /// <summary>What the network says before the softmax, for one example or many. [N, C, H, W] or [N, D] → [N, classes]</summary>
    public void Logits(ReadOnlySpan<float> examples, Span<float> logits)
    {
        var (size, classes) = (ImageSize.Count, Classes.Count);
        if (examples.Length == 0 || examples.Length % size != 0) throw new ArgumentException(Invariant(
            $"{InputName} of one example are {size} numbers ({ImageSize}); {examples.Length} are no whole examples."), nameof(examples));
        var count = examples.Length / size;
        if (logits.Length < count * classes) throw new ArgumentException(Invariant(
            $"{count} examples of {classes} classes need room for {count * classes} numbers; there is room for {logits.Length}."), nameof(logits));
        if (InputName == "pixel_values") InRange(examples);
        for (var (at, some) = (0, 0); at < count; at += some)
        {
            some = Math.Min(count - at, MaxBatchSize);
            var call = _calls.Take(some);
            try
            {
                examples.Slice(at * size, some * size).CopyTo(call.Call.Input<float>());
                call.Call.Run();
                call.Call.Output<float>().CopyTo(logits[(at * classes)..]);
            }
            catch
            {
                _calls.End(call);
                throw;
            }
            _calls.Give(call);
        }
    }

    public void Dispose() => _calls.Dispose();

    void One(ReadOnlySpan<float> example)
    {
        if (example.Length != ImageSize.Count) throw new ArgumentException(Invariant(
            $"{InputName} of one example are {ImageSize.Count} numbers ({ImageSize}); {example.Length} came."), nameof(example));
    }

    Prediction Large(ReadOnlySpan<float> example)
    {
        var rented = System.Buffers.ArrayPool<float>.Shared.Rent(Classes.Count);
        var named = Named(Predict(example, rented), rented);
        System.Buffers.ArrayPool<float>.Shared.Return(rented);
        return named;
    }

    Prediction Named(int number, ReadOnlySpan<float> probabilities) => new(number, Classes[number], probabilities[number]);

    static void InRange(ReadOnlySpan<float> pixels)
    {
        var (least, most) = (TensorPrimitives.Min(pixels), TensorPrimitives.Max(pixels));
        if (!(least >= -Slack && most <= 1 + Slack)) throw new ArgumentException(Invariant(
            $"Pixels must be from 0 to 1 (a byte divided by 255); these go from {least} to {most}."), nameof(pixels));
    }

    static void Softmax(Span<float> row)
    {
        TensorPrimitives.Subtract(row, row[LogitRows.ArgMax(row)], row);
        TensorPrimitives.Exp(row, row);
        var sum = TensorPrimitives.Sum(row);
        if (!float.IsFinite(sum)) throw new ArgumentException("The student's answer is not a number: an example must hold finite numbers of ordinary size.");
        TensorPrimitives.Divide(row, sum, row);
    }

    /// <summary>The graph must be the one that the card describes.</summary>
    static void Check(StudentConfig card, OnnxModel graph)
    {
        long[] wanted = [-1, .. card.Shape];
        if (graph.Inputs is not [var input] || input.Name != card.InputName || input.ElementType != typeof(float) || !input.Shape.SequenceEqual(wanted))
            throw new InvalidDataException(
                $"{graph.Path} should take {card.InputName} float [batch, {string.Join(", ", card.Shape)}], as config.json says; it takes {string.Join(", ", graph.Inputs)}.");
        var output = graph.Output(StudentConfig.Output);
        if (output.ElementType != typeof(float) || !output.Shape.SequenceEqual([-1, card.Classes.Count]))
            throw new InvalidDataException(
                Invariant($"{graph.Path} should answer {StudentConfig.Output} float [batch, {card.Classes.Count}], one a class of config.json; it answers {output}."));
        if (graph.Metadata.GetValueOrDefault("retort.classes") is { } written && !Names(written, graph.Path).SequenceEqual(card.Classes))
            throw new InvalidDataException($"{graph.Path} was exported with the classes {written}; those of config.json are others.");
    }

    static string[] Names(string json, string path)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(json) ?? [];
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}: its metadata \"retort.classes\" must be a JSON array of names.", error);
        }
    }
}

/// <summary>The likeliest class.</summary>
/// <param name="Class">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Probability">From 0 to 1.</param>
public readonly record struct Prediction(int Class, string Name, float Probability);
