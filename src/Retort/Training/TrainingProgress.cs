namespace Retort.Training;

/// <summary>Progress of one network's training, or of another long piece of work.</summary>
/// <param name="Part">Whose: <c>teacher</c>, <c>control-seed1</c>, <c>student-seed1</c>, <c>tuning/student-0.1-seed1001</c>.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Epoch">Epochs done.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="Loss">Mean loss since the last epoch ended; NaN for work without a loss.</param>
/// <param name="Score">The primary score on validation, at the end of an epoch; null within one.</param>
public sealed record TrainingProgress(
    string Part, long Step, long Steps, int Epoch, int Epochs, double Loss, ValidationScore? Score)
{
    /// <summary>A sentence to show at once; null for none.</summary>
    public string? Note { get; init; }
}

/// <summary>A score on validation.</summary>
/// <param name="Title">The score's title: accuracy.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Value">Its value.</param>
public sealed record ValidationScore(string Title, ScoreUnit Unit, double Value)
{
    /// <summary>As a person reads it: <c>accuracy 78.50 %</c>.</summary>
    public override string ToString() => Unit == ScoreUnit.Percent
        ? FormattableString.Invariant($"{Title} {100 * Value:0.00} %") : FormattableString.Invariant($"{Title} {Value:0.0000}");
}
