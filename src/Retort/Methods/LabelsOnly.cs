namespace Retort.Methods;

/// <summary>Options of <see cref="LabelsOnly"/>: there are none.</summary>
public sealed record LabelsOnlyOptions : LossOptions
{
    public override DistillationLoss Build(MethodContext context) => new LabelsOnly();
}

/// <summary>The control: the same student on the same budget without a teacher.</summary>
[Paper("labels", "no paper: the control of every run", 0)]
public sealed class LabelsOnly : DistillationLoss
{
    public override RequiredOutputs Requires => new(Teacher: OutputSet.None, Student: Output.Logits);

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student) =>
        new() { ["labels"] = batch.CrossEntropy(student.Logits) };
}
