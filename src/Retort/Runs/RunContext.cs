using Retort.Recipes;
using Retort.Training;

namespace Retort.Runs;

/// <summary>What all jobs of a run share.</summary>
/// <param name="Folder">The run's folder.</param>
/// <param name="Info">Its <c>run.json</c>.</param>
/// <param name="Recipe">Its recipe.</param>
/// <param name="Data">The recipe's data.</param>
sealed record RunContext(string Folder, RunInfo Info, Recipe Recipe, Dataset Data)
{
    /// <summary>Receives the progress of steps and epochs.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Times epochs, checkpoints and latencies.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>A path in the run's folder.</summary>
    public string PathOf(string relative) => Path.Combine(Folder, relative);
}
