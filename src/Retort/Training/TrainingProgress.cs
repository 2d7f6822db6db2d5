namespace Retort.Training;

/// <summary>What a run says of itself while it goes on.</summary>
/// <param name="Part">Whose training: <c>teacher</c>, <c>control-seed1</c>, <c>student-seed1</c>, <c>tuning/student-0.1-seed1001</c>.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Epoch">Epochs done.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="Loss">Mean loss since the last epoch ended.</param>
/// <param name="Accuracy">On validation, at the end of an epoch; null within one.</param>
public sealed record TrainingProgress(string Part, long Step, long Steps, int Epoch, int Epochs, double Loss, double? Accuracy)
{
    /// <summary>A sentence to be told at once, where there is one.</summary>
    public string? Note { get; init; }
}
