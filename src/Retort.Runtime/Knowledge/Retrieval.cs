using System.Numerics.Tensors;

namespace Retort.Runtime.Knowledge;

/// <summary>
/// Predictions with a knowledge base: the soft labels of the nearest rows are blended with the student's own
/// probabilities (ReAugKD, ACL 2023, §3).
/// </summary>
public static class Retrieval
{
    const int MaxOnStack = 256;
    const float LeastProbability = 1e-30f;                                  // its logarithm is finite in float32

    /// <summary>softmax of similarity / τ over the retrieved rows alone. [k] → [k]</summary>
    public static void Weights(ReadOnlySpan<Neighbor> nearest, double temperature, Span<float> weights)
    {
        var sum = 0.0;
        for (var r = 0; r < nearest.Length; r++)
        {
            var weight = Math.Exp(((double)nearest[r].Similarity - nearest[0].Similarity) / temperature);
            weights[r] = (float)weight;
            sum += weight;
        }
        for (var r = 0; r < nearest.Length; r++) weights[r] = (float)(weights[r] / sum);
    }

    /// <summary>The weighted average of the rows' soft labels. [k], [k] → [C]</summary>
    public static void Average(
        KnowledgeBase knowledge, ReadOnlySpan<Neighbor> nearest, ReadOnlySpan<float> weights, Span<float> average)
    {
        average[..knowledge.Classes].Clear();
        for (var r = 0; r < nearest.Length; r++)
            knowledge.AddValue(nearest[r].Row, weights[r], average[..knowledge.Classes]);
    }

    /// <summary>p ← β a + (1 − β) p, in place. [C], [C] → [C]</summary>
    public static void Blend(ReadOnlySpan<float> average, double weight, Span<float> probabilities)
    {
        for (var c = 0; c < probabilities.Length; c++)
            probabilities[c] = (float)(weight * average[c] + (1 - weight) * probabilities[c]);
    }

    /// <summary>
    /// Replaces the student's probabilities for one example by those with retrieval, with the base's own settings.
    /// </summary>
    /// <param name="knowledge">The base.</param>
    /// <param name="embedding">The student's embedding of the example; any length but 0. [D]</param>
    /// <param name="probabilities">The student's probabilities; receives those with retrieval. [C]</param>
    /// <param name="exceptId">The id of rows that are left out: the example's own, where the base has it.</param>
    public static void Apply(
        KnowledgeBase knowledge, ReadOnlySpan<float> embedding, Span<float> probabilities, long? exceptId = null)
    {
        var settings = knowledge.Settings;
        if (settings.Weight == 0) return;

        var k = Math.Min(settings.Neighbors, knowledge.Rows);
        var nearest = k <= MaxOnStack ? stackalloc Neighbor[k] : new Neighbor[k];
        nearest = nearest[..knowledge.Search(embedding, nearest, exceptId)];
        if (nearest.IsEmpty) return;

        var weights = k <= MaxOnStack ? stackalloc float[nearest.Length] : new float[nearest.Length];
        var classes = knowledge.Classes;
        var average = classes <= MaxOnStack ? stackalloc float[classes] : new float[classes];
        Weights(nearest, settings.Temperature, weights);
        Average(knowledge, nearest, weights, average);
        Blend(average, settings.Weight, probabilities);
    }

    /// <summary>
    /// The logits of predictions with retrieval, ln p', for many examples; with a weight of 0 the logits themselves.
    /// [N, C], [N, D] → [N, C]
    /// </summary>
    /// <param name="knowledge">The base.</param>
    /// <param name="logits">The student's logits, row by row. [N, C]</param>
    /// <param name="embeddings">The student's embeddings. [N, D]</param>
    /// <param name="ids">The examples' ids, where rows with an example's own id are left out. [N]</param>
    /// <exception cref="ArgumentException">They are not of as many examples, or of other widths than the base.</exception>
    public static float[] Logits(KnowledgeBase knowledge, float[] logits, float[] embeddings, long[]? ids = null)
    {
        var (classes, width) = (knowledge.Classes, knowledge.Width);
        var count = logits.Length / classes;
        if (logits.Length != count * classes || embeddings.Length != count * width || ids?.Length is { } n && n != count)
            throw new ArgumentException(Invariant(
                $"{knowledge.Path} takes {classes} logits and an embedding of {width} numbers for each example; ")
                + Invariant($"{logits.Length} and {embeddings.Length} numbers came."));
        if (knowledge.Settings.Weight == 0) return [.. logits];

        var blended = new float[logits.Length];
        Parallel.For(0, count, i =>
        {
            var row = blended.AsSpan(i * classes, classes);
            Probabilities(logits.AsSpan(i * classes, classes), row);
            Apply(knowledge, embeddings.AsSpan(i * width, width), row, ids?[i]);
            Logarithms(row);
        });
        return blended;
    }

    /// <summary>p ← ln p, in place; a probability below 1e-30 counts as that. [C] → [C]</summary>
    public static void Logarithms(Span<float> probabilities)
    {
        for (var c = 0; c < probabilities.Length; c++)
            probabilities[c] = MathF.Log(Math.Max(probabilities[c], LeastProbability));
    }

    /// <summary>softmax(logits). [C] → [C]</summary>
    public static void Probabilities(ReadOnlySpan<float> logits, Span<float> probabilities)
    {
        var top = TensorPrimitives.Max(logits);
        var sum = 0.0;
        for (var c = 0; c < logits.Length; c++) sum += Math.Exp((double)logits[c] - top);
        for (var c = 0; c < logits.Length; c++)
            probabilities[c] = (float)(Math.Exp((double)logits[c] - top) / sum);
    }
}
