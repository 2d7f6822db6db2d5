namespace Retort.Methods;

/// <summary>Options of <see cref="Untrained"/>: there are none.</summary>
public sealed record UntrainedOptions : LossOptions
{
    /// <inheritdoc/>
    public override DistillationLoss Build(MethodContext context) => new Untrained();
}

/// <summary>The control where the data has no targets: the student with its initial weights.</summary>
[Paper("untrained", "no paper: the control of a run without targets", 0)]
public sealed class Untrained : DistillationLoss
{
    /// <inheritdoc/>
    public override RequiredOutputs Requires => new(Teacher: OutputSet.None, Student: OutputSet.None);

    /// <inheritdoc/>
    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student) =>
        throw new InvalidOperationException("The method \"untrained\" takes no step.");
}
