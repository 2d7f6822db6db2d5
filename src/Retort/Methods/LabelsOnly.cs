namespace Retort.Methods;

/// <summary>Options of <see cref="LabelsOnly"/>: there are none.</summary>
public sealed record LabelsOnlyOptions : LossOptions
{
    public override Distillation Build(Facts facts) => new LabelsOnly();
}

/// <summary>The control: the same student on the same budget without a teacher.</summary>
[Paper("labels", "no paper: the control of every run", 0)]
public sealed class LabelsOnly : Distillation
{
    public override Needs Needs => new(Teacher: Signals.None, Student: Signals.Logits);

    public override Terms Loss(Batch batch, Outputs teacher, Outputs student) =>
        new() { ["labels"] = batch.CrossEntropy(student.Logits) };
}
