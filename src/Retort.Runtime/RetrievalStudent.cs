using Retort.Runtime.Knowledge;
using Retort.Runtime.Metrics;

namespace Retort.Runtime;

/// <summary>
/// An exported student with its knowledge base: one call gives the prediction with retrieval, and the rows that it was
/// retrieved from.
/// </summary>
/// <remarks>One student serves any number of threads.</remarks>
public sealed class RetrievalStudent : IDisposable
{
    /// <summary>The base's file in a student's folder.</summary>
    public const string FileName = "knowledge.base";

    readonly INeighborSearch _search;

    RetrievalStudent(Student student, KnowledgeBase knowledge, INeighborSearch search) =>
        (Student, Knowledge, _search) = (student, knowledge, search);

    /// <summary>Whether a folder that <c>retort export</c> wrote has a knowledge base.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>Opens a folder written by <c>retort export</c>, of a student with a knowledge base.</summary>
    /// <param name="folder">The folder, with <c>knowledge.base</c>.</param>
    /// <param name="variant">
    /// <c>int8</c> or <c>float16</c> for <c>model.int8.onnx</c> or <c>model.float16.onnx</c>, if the folder has them.
    /// </param>
    /// <param name="threads">Threads that one call, and one search in a large base, may use.</param>
    /// <param name="search">
    /// What finds the nearest rows; the base itself unless given. Soft labels, ids and texts of the rows are read from
    /// the base. The caller disposes it.
    /// </param>
    /// <exception cref="InvalidDataException">
    /// This is no student's folder, or one of another format, or its files have changed, or the base is of another
    /// student.
    /// </exception>
    public static RetrievalStudent Open(
        string folder, string? variant = null, int threads = 1, INeighborSearch? search = null)
    {
        var config = StudentConfig.Read(folder);
        var path = Path.Combine(folder, FileName);
        var hash = config.HashOf("model.safetensors");
        var knowledge = KnowledgeBase.Open(path, threads);
        try
        {
            if (hash != knowledge.StudentHash) throw new InvalidDataException(
                $"{path} belongs to another student: its weights have the SHA-256 {knowledge.StudentHash}; this "
                + $"student's have {hash ?? "none"}.");
            var embedding = config.Outputs.FirstOrDefault(output => output.Name == StudentConfig.Embedding);
            var fits = embedding?.Shape[^1] == knowledge.Width && config.Classes.Count == knowledge.Classes;
            if (!fits) throw new InvalidDataException(
                Invariant($"{path} is for an output \"{StudentConfig.Embedding}\" of {knowledge.Width} numbers ")
                + Invariant($"and for {knowledge.Classes} classes; the student has ")
                + Invariant($"{embedding?.ToString() ?? "none"} and {config.Classes.Count} classes."));
            return new(Student.Open(folder, variant, threads), knowledge, search ?? knowledge);
        }
        catch
        {
            knowledge.Dispose();
            throw;
        }
    }

    /// <summary>The student itself, which predicts without retrieval.</summary>
    public Student Student { get; }

    /// <summary>The base.</summary>
    public KnowledgeBase Knowledge { get; }

    /// <summary>Predicts one example. Its values are ordered by channel, then by row: [C, H, W] or [D].</summary>
    /// <exception cref="ArgumentException">It has another number of values, or they are no pixels.</exception>
    public RetrievedPrediction Predict(ReadOnlySpan<float> example)
    {
        var (name, size) = (Student.InputName, Student.ImageSize.Count);
        if (example.Length != size) throw new ArgumentException(
            Invariant($"{name} of one example are {size} numbers; {example.Length} came."), nameof(example));
        return Predict(example, 1)[0];
    }

    /// <summary>
    /// Computes the probability of each class with retrieval, for one example or many.
    /// [N, C, H, W] or [N, D] → [N, classes]
    /// </summary>
    public void Probabilities(ReadOnlySpan<float> examples, Span<float> probabilities)
    {
        var (name, size, classes) = (Student.InputName, Student.ImageSize.Count, Student.Classes.Count);
        if (examples.Length == 0 || examples.Length % size != 0) throw new ArgumentException(
            Invariant($"{name} of one example are {size} numbers; {examples.Length} are no whole ")
            + "examples.", nameof(examples));

        for (var at = 0; at * size < examples.Length; at += Student.MaxBatchSize)
        {
            var count = Math.Min(Student.MaxBatchSize, examples.Length / size - at);
            var found = Predict(examples.Slice(at * size, count * size), count);
            for (var i = 0; i < count; i++)
                found[i].Probabilities.AsSpan().CopyTo(probabilities[((at + i) * classes)..]);
        }
    }

    /// <summary>Predicts examples whose inputs are given by name, such as token ids and their mask.</summary>
    /// <param name="inputs">All inputs of the graph. The batch axis comes first.</param>
    /// <exception cref="ArgumentException">An input is missing or unknown, or of another type or shape.</exception>
    public IReadOnlyList<RetrievedPrediction> Predict(IReadOnlyList<NamedTensor> inputs)
    {
        var outputs = Student.Run(inputs, StudentConfig.Logits, StudentConfig.Embedding);
        var (logits, embeddings) = (outputs[StudentConfig.Logits], outputs[StudentConfig.Embedding]);
        var (classes, width) = (Knowledge.Classes, Knowledge.Width);
        var found = new RetrievedPrediction[logits.Shape[0]];
        for (var i = 0; i < found.Length; i++)
            found[i] = Retrieved(
                logits.Values<float>().Slice(i * classes, classes), embeddings.Values<float>().Slice(i * width, width));
        return found;
    }

    /// <summary>Predicts a text, or a pair of texts, of a student that takes texts.</summary>
    /// <inheritdoc cref="Student.Predict(string, string)"/>
    public RetrievedPrediction Predict(string text, string? second = null) =>
        Predict(Student.InputsOf(text, second))[0];

    /// <summary>Predicts the class of an image and a text, of a student that takes both.</summary>
    /// <inheritdoc cref="Student.Predict(ReadOnlySpan{float}, string)"/>
    public RetrievedPrediction Predict(ReadOnlySpan<float> image, string question) =>
        Predict(Student.InputsOf(image, question))[0];

    public void Dispose()
    {
        Student.Dispose();
        Knowledge.Dispose();
    }

    IReadOnlyList<RetrievedPrediction> Predict(ReadOnlySpan<float> examples, int count)
    {
        var input = Student.Inputs[0];
        if (input.Shape.Count == 4) Student.CheckRange(examples);
        long[] shape = [count, .. input.Shape.Skip(1)];
        return Predict([NamedTensor.Of(input.Name, examples, shape)]);
    }

    RetrievedPrediction Retrieved(ReadOnlySpan<float> logits, ReadOnlySpan<float> embedding)
    {
        var settings = Knowledge.Settings;
        var nearest = new Neighbor[Math.Min(settings.Neighbors, Knowledge.Rows)];
        nearest = nearest[.._search.Search(embedding, nearest)];
        if (nearest.Length == 0) throw new InvalidOperationException(
            $"The search found none of the {Knowledge.Rows} rows of {Knowledge.Path}: it must hold their keys.");
        var weights = new float[nearest.Length];
        Retrieval.Weights(nearest, settings.Temperature, weights);
        var average = new float[Knowledge.Classes];
        Retrieval.Average(Knowledge, nearest, weights, average);
        var probabilities = new float[Knowledge.Classes];
        Retrieval.Probabilities(logits, probabilities);
        Retrieval.Blend(average, settings.Weight, probabilities);
        return new(PredictionOf(probabilities), probabilities,
            [.. nearest.Select((neighbor, r) => Described(neighbor, weights[r]))]);
    }

    RetrievedNeighbor Described(Neighbor neighbor, float weight)
    {
        var value = new float[Knowledge.Classes];
        Knowledge.CopyValue(neighbor.Row, value);
        return new(neighbor.Row, Knowledge.IdOf(neighbor.Row), neighbor.Similarity, weight, PredictionOf(value),
            Knowledge.TextOf(neighbor.Row));
    }

    Prediction PredictionOf(ReadOnlySpan<float> probabilities)
    {
        var index = LogitRows.ArgMax(probabilities);
        return new(index, Student.Classes[index], probabilities[index]);
    }
}
