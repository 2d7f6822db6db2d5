using Retort.Recipes;
using Retort.Runs;
using Retort.Training;

namespace Retort.Report;

/// <summary>From a recipe to its report: runs the recipe's jobs, then writes the report.</summary>
public static class Experiment
{
    /// <summary>
    /// Runs a recipe and writes its report. Cancelled, it throws <see cref="OperationCanceledException"/> once
    /// everything is saved; its message says how to go on.
    /// </summary>
    /// <returns>The run folder.</returns>
    public static string Run(Recipe recipe, RunOptions options, IProgress<TrainingProgress>? progress = null,
        CancellationToken token = default)
    {
        using var run = RecipeRunner.Run(recipe, options, progress, token);
        Reports.Write(run.Folder, run.Data);
        return run.Folder;
    }

    /// <summary>
    /// Takes open jobs of a run that another process has begun, until none is left; writes the report where nobody
    /// leads the run any more.
    /// </summary>
    /// <returns>The run folder; null where another process writes the report.</returns>
    public static string? Join(Recipe recipe, RunOptions options, IProgress<TrainingProgress>? progress = null,
        CancellationToken token = default)
    {
        using var run = RecipeRunner.Join(recipe, options, progress, token);
        if (run is null) return null;

        Reports.Write(run.Folder, run.Data);
        return run.Folder;
    }
}
