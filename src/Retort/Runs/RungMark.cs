using System.Text.Json;
using Retort.Tensors.Files;
using Retort.Training;

namespace Retort.Runs;

/// <summary>
/// <c>rung-003.json</c>: validation scores of one run of a trial at the end of a rung: of its best epoch so far, or of
/// its last where the last weights are selected.
/// </summary>
/// <param name="Score">The primary score; null where the loss stopped being finite.</param>
/// <param name="TieBreaker">The task's tie-breaker; null where it has none.</param>
/// <param name="Steps">Taken since the rung before, or since the process that ended it began.</param>
sealed record RungMark(double? Score, double? TieBreaker, long Steps)
{
    /// <summary>Of a run whose loss stopped being finite.</summary>
    public static RungMark Diverged { get; } = new(null, null, 0);

    /// <summary>Of a trial that was not selected for this rung.</summary>
    public static RungMark Skipped { get; } = new(null, null, 0) { IsSkipped = true };

    /// <summary>Whether the trial takes no part in this rung.</summary>
    public bool IsSkipped { get; init; }

    /// <summary>Of a run whose <c>metrics.jsonl</c> is in this folder.</summary>
    /// <param name="folder">The run's.</param>
    /// <param name="epochs">Later ones do not count.</param>
    /// <param name="select">Which of its weights would be reported.</param>
    /// <param name="task">Whose scores they are.</param>
    /// <param name="steps">Taken for it.</param>
    public static RungMark Of(string folder, int epochs, SelectedWeights select, LearningTask task, long steps)
    {
        var lines = MetricsLog.Read(Path.Combine(folder, "metrics.jsonl")).Where(line => line.Epoch <= epochs).ToList();
        var scores = lines.Select(line => line.Validation).ToList();
        var best = select == SelectedWeights.Last ? scores[^1]
            : scores.Aggregate((best, next) => task.IsBetter(next, best) ? next : best);
        return new(best[task.Primary.Name], task.TieBreaker is { } second ? best[second.Name] : null, steps);
    }

    /// <summary>Writes it whole.</summary>
    public void Write(string path) => AtomicFile.Write(path, JsonSerializer.Serialize(this, Json.Indented) + "\n");
}
