namespace Retort.Training;

/// <summary>
/// The control where the data has no targets: the student keeps its initial weights and takes no step.
/// </summary>
sealed class Untrained : DistillationLoss
{
    public override RequiredOutputs Requires => new(Teacher: OutputSet.None, Student: OutputSet.None);

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student) =>
        throw new InvalidOperationException("An untrained control takes no step.");
}
