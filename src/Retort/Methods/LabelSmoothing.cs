namespace Retort.Methods;

/// <summary>Options of <see cref="LabelSmoothing"/>. The default is the paper's, §7.</summary>
public sealed record LabelSmoothingOptions : LossOptions
{
    /// <summary>
    /// ε: the probability that the target moves from the label to the other classes, ε / (K − 1) to each. The paper's
    /// own ε is shared by all classes with the label among them: it is this one times K / (K − 1).
    /// </summary>
    [LessThanOne] public double Smoothing { get; init; } = 0.1;

    public override DistillationLoss Build(MethodContext context)
    {
        context.Task.RequireClassProbabilities("label-smoothing");
        return new LabelSmoothing(this);
    }
}

/// <summary>Every target gives the label the same probability below 1, and the rest to the other classes.</summary>
[Paper("label-smoothing", "Szegedy, Vanhoucke, Ioffe, Shlens, Wojna, Rethinking the Inception Architecture for "
    + "Computer Vision, arXiv:1512.00567", 2015)]
public sealed class LabelSmoothing(LabelSmoothingOptions options) : DistillationLoss
{
    public override RequiredOutputs Requires => new(Teacher: OutputSet.None, Student: Output.Logits);

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
    {
        var weights = Enumerable.Repeat((float)(1 - options.Smoothing), batch.Count).ToArray();
        var b = weights.ToTensor(batch.Count).to(batch.Labels.device);      // [B]   the label's probability

        return new() { ["smoothed"] = batch.SmoothedCrossEntropy(student.Logits, b) };
    }
}
