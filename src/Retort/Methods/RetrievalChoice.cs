using Retort.Runtime.Knowledge;

namespace Retort.Methods;

/// <summary>Stage 4 of <see cref="RetrievalAugmented"/>: k and β by the primary score on validation.</summary>
/// <param name="task">The task that scores.</param>
/// <param name="knowledge">The base; its own settings do not count.</param>
/// <param name="logits">The student's logits on validation.</param>
/// <param name="embeddings">The student's embeddings of the same examples.</param>
sealed class RetrievalChoice(
    LearningTask task, KnowledgeBase knowledge, Predictions logits, Predictions embeddings)
{
    const int WeightSteps = 10;                                             // β from 0 to 1 in tenths

    /// <summary>
    /// The best of k from 1 to a bound and β ∈ {0, .1, …, 1}; of equal ones the smaller β, then the smaller k. The
    /// score with β = 0, without retrieval, comes back too.
    /// </summary>
    public (RetrievalSettings Best, double Score, double ScoreWithout) Find(int mostNeighbors, double temperature)
    {
        var without = ScoreOf(logits.Values);
        var best = (Settings: new RetrievalSettings(1, 0, temperature), Score: without);
        var nearest = NearestOf(Math.Min(mostNeighbors, knowledge.Rows));
        for (var k = 1; k <= nearest[0].Length; k++)
        {
            var averages = Averages(nearest, k, temperature);
            for (var step = 1; step <= WeightSteps; step++)
            {
                var settings = new RetrievalSettings(k, (double)step / WeightSteps, temperature);
                var score = ScoreOf(Blended(averages, settings.Weight));
                var isBetter = task.Primary.IsBetter(score, best.Score)
                    || score == best.Score && settings.Weight < best.Settings.Weight;
                if (isBetter) best = (settings, score);
            }
        }
        return (best.Settings, best.Score, without);
    }

    /// <summary>
    /// The share of the rows nearest to validation examples that are of the example's class: high where the student's
    /// embeddings fit the keys. Examples without a label do not count.
    /// </summary>
    /// <param name="classes">The class of each row.</param>
    /// <param name="k">Neighbors of each example.</param>
    public double Purity(IReadOnlyList<long> classes, int k)
    {
        var nearest = NearestOf(Math.Min(k, knowledge.Rows));
        var labelled = Enumerable.Range(0, logits.Count).Where(i => logits.Labels[i] >= 0).ToList();
        var same = labelled.Sum(i => nearest[i].Count(row => classes[row.Row] == logits.Labels[i]));
        return labelled.Count == 0 ? 0 : (double)same / (labelled.Count * nearest[0].Length);
    }

    Neighbor[][] NearestOf(int k)
    {
        var nearest = new Neighbor[embeddings.Count][];
        Parallel.For(0, nearest.Length, i =>
        {
            nearest[i] = new Neighbor[k];
            knowledge.Search(embeddings.Row(i), nearest[i]);
        });
        return nearest;
    }

    float[] Averages(Neighbor[][] nearest, int k, double temperature)
    {
        var averages = new float[logits.Values.Length];
        var weights = new float[k];
        for (var i = 0; i < nearest.Length; i++)
        {
            var rows = nearest[i].AsSpan(0, k);
            Retrieval.Weights(rows, temperature, weights);
            Retrieval.Average(knowledge, rows, weights, averages.AsSpan(i * logits.Width));
        }
        return averages;
    }

    float[] Blended(float[] averages, double weight)
    {
        var blended = new float[averages.Length];
        for (var i = 0; i < logits.Count; i++)
        {
            var row = blended.AsSpan(i * logits.Width, logits.Width);
            Retrieval.Probabilities(logits.Row(i), row);
            Retrieval.Blend(averages.AsSpan(i * logits.Width, logits.Width), weight, row);
            Retrieval.Logarithms(row);
        }
        return blended;
    }

    double ScoreOf(float[] values) => task.EvaluateEpoch(new()
    {
        Output = logits.Output, Values = values, Width = logits.Width, Labels = logits.Labels,
        Targets = logits.Targets, Ids = logits.Ids,
    }, teacher: null)[task.Primary.Name];
}
