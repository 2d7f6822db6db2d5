namespace Retort.Methods;

/// <summary>Options of <see cref="LabelsOnly"/>: it has none.</summary>
public sealed record LabelsOnlyOptions : LossOptions
{
    public override bool IsControl() => true;

    public override DistillationLoss Build(MethodContext context) => new LabelsOnly(context.Task);
}

/// <summary>The control: the same student with the same budget, trained by the task's supervised loss alone.</summary>
[Paper("labels", "no paper: the control of every run", 0)]
public sealed class LabelsOnly(LearningTask task) : DistillationLoss
{
    public override RequiredOutputs Requires => new(Teacher: OutputSet.None, Student: Output.Logits);

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student) =>
        new() { ["labels"] = task.SupervisedLoss(batch, student) };
}
