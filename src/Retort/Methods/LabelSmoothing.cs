namespace Retort.Methods;

/// <summary>Options of <see cref="LabelSmoothing"/>. The default is the paper's, §7.</summary>
public sealed record LabelSmoothingOptions : LossOptions
{
    /// <summary>
    /// ε: what a label gives away, to the other classes in equal parts, ε / (K − 1) each. The paper's own ε, which the label
    /// shares in, is this one times K / (K − 1).
    /// </summary>
    [Below1] public double Smoothing { get; init; } = 0.1;

    public override DistillationLoss Build(MethodContext context) => new LabelSmoothing(OptionRules.Check(this));
}

/// <summary>Targets that are never quite sure: every label gives the same share to the other classes.</summary>
[Paper("label-smoothing", "Szegedy, Vanhoucke, Ioffe, Shlens, Wojna, Rethinking the Inception Architecture for Computer Vision, arXiv:1512.00567", 2015)]
public sealed class LabelSmoothing(LabelSmoothingOptions options) : DistillationLoss
{
    public override RequiredOutputs Requires => new(Teacher: OutputSet.None, Student: Output.Logits);

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
    {
        var b = Enumerable.Repeat((float)(1 - options.Smoothing), batch.Count).ToArray().ToTensor(batch.Count);   // [B]
        return new() { ["smoothed"] = batch.SmoothedCrossEntropy(student.Logits, b.to(batch.Labels.device)) };
    }
}
