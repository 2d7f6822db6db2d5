namespace Retort.Training;

/// <summary>The progress of a network's training, or of another long job.</summary>
/// <param name="Part">The job: <c>teacher</c>, <c>control-seed1</c>, <c>search/student-001-seed1001</c>.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Epoch">Epochs done.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="Loss">The mean loss since the last epoch ended; NaN for work without a loss.</param>
/// <param name="Score">The primary score on validation, at the end of an epoch; null within an epoch.</param>
public sealed record TrainingProgress(
    string Part, long Step, long Steps, int Epoch, int Epochs, double Loss, ValidationScore? Score)
{
    /// <summary>A sentence to show at once; null for none.</summary>
    public string? Note { get; init; }

    /// <summary>How far the whole run is; null in the reports of one network.</summary>
    public RunProgress? Run { get; init; }
}
