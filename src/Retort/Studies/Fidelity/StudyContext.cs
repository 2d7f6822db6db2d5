using Retort.Runs;
using Retort.Training;

namespace Retort.Studies.Fidelity;

/// <summary>What all jobs of a study share.</summary>
/// <param name="Folder">The study's folder.</param>
/// <param name="Info">Its <c>run.json</c>.</param>
/// <param name="Recipe">Its recipe.</param>
/// <param name="Plan">Its networks.</param>
/// <param name="Data">Its data.</param>
sealed record StudyContext(string Folder, RunInfo Info, FidelityRecipe Recipe, FidelityPlan Plan, StudyData Data)
{
    /// <summary>Receives the progress of steps and epochs.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Times epochs and checkpoints.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
