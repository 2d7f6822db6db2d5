using System.Text.Json;
using Retort.Tensors.Files;
using Retort.Training;

namespace Retort.Runs;

/// <summary>
/// <c>rung-003.json</c>: the validation scores of one run of a trial at the end of a rung: those of its best epoch so
/// far, or of its last epoch where the last weights are selected.
/// </summary>
/// <param name="Score">The primary score; null where the loss stopped being finite.</param>
/// <param name="TieBreaker">The task's tie-breaker; null where it has none.</param>
/// <param name="Steps">Steps since the rung before, or since the process that ended the rung was started.</param>
sealed record RungResult(double? Score, double? TieBreaker, long Steps)
{
    /// <summary>The result of a run whose loss stopped being finite.</summary>
    public static RungResult Diverged { get; } = new(null, null, 0);

    /// <summary>The result of a trial that was not selected for this rung.</summary>
    public static RungResult Skipped { get; } = new(null, null, 0) { IsSkipped = true };

    /// <summary>Whether the trial was not selected for this rung.</summary>
    public bool IsSkipped { get; init; }

    /// <summary>The result of a run, from its <c>metrics.jsonl</c>.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="epochs">The epochs of the rung; later ones do not count.</param>
    /// <param name="select">Which of the run's weights would be reported.</param>
    /// <param name="task">The task of the scores.</param>
    /// <param name="steps">The steps of this rung.</param>
    public static RungResult Of(string folder, int epochs, SelectedWeights select, LearningTask task, long steps)
    {
        var scores = MetricsLog.Read(Path.Combine(folder, MetricsLog.FileName))
            .Where(epoch => epoch.Epoch <= epochs).Select(epoch => epoch.Validation).ToList();
        var selected = select == SelectedWeights.Last ? scores[^1]
            : scores.Aggregate((best, next) => task.IsBetter(next, best) ? next : best);
        return Of(selected, task, steps);
    }

    /// <summary>
    /// The result of a run from its stored predictions, where they are not those of the network in
    /// <c>metrics.jsonl</c>: of a student with a knowledge base.
    /// </summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="task">The task of the scores.</param>
    /// <param name="teacher">The teacher's predictions on validation.</param>
    /// <param name="steps">The steps of this rung.</param>
    public static RungResult OfPredictions(string folder, LearningTask task, Predictions? teacher, long steps)
    {
        var predictions = PredictionsFile.Read(Path.Combine(folder, PredictionsFile.Name), "validation");
        return Of(task.EvaluateEpoch(predictions, teacher), task, steps);
    }

    static RungResult Of(IReadOnlyDictionary<string, double> scores, LearningTask task, long steps) =>
        new(scores[task.Primary.Name], task.TieBreaker is { } second ? scores[second.Name] : null, steps);

    /// <summary>Writes the file; it is complete or not there.</summary>
    public void Write(string path) => AtomicFile.Write(path, JsonSerializer.Serialize(this, Json.Indented) + "\n");
}
