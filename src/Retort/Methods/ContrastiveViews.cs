namespace Retort.Methods;

/// <summary>Options of <see cref="ContrastiveViews"/>.</summary>
public sealed record ContrastiveViewsOptions : LossOptions
{
    /// <summary>τ; .5 is the paper's for CIFAR-10 (§B.9), .1 for ImageNet.</summary>
    [Positive] public double Temperature { get; init; } = 0.5;

    /// <summary>The width of the projection on which the loss is computed; it is dropped after the training.</summary>
    [AtLeast(1)] public int ProjectionWidth { get; init; } = 128;

    public override bool LearnsWithoutLabels() => true;

    public override DistillationLoss Build(MethodContext context)
    {
        OptionRules.Check(this);
        context.Task.RequireEmbedding("contrastive");
        if (context.Views is { } views) throw new InvalidOperationException(
            "The method \"contrastive\" compares two augmented views of each example, drawn anew in every epoch; this "
            + (views == 1 ? "data has no augmentation." : Invariant($"data has {views} views: leave \"views\" out.")));
        return new ContrastiveViews(this, context);
    }
}

/// <summary>
/// Self-supervised: of all examples of a batch, each is to recognize the other augmented view of itself. SimCLR's
/// NT-Xent loss on a projection that is dropped; it trains a teacher, or a baseline, without labels.
/// </summary>
/// <remarks>
/// Differs from the paper: the two views are two batches for batch normalization; the augmentation is the recipe's.
/// </remarks>
[Paper("contrastive", "Chen, Kornblith, Norouzi, Hinton, A Simple Framework for Contrastive Learning of Visual "
    + "Representations, arXiv:2002.05709", 2020)]
public sealed class ContrastiveViews : DistillationLoss
{
    readonly double _temperature;
    readonly ProjectionHead _projection;

    /// <summary>Makes the projection.</summary>
    public ContrastiveViews(ContrastiveViewsOptions options, MethodContext context)
    {
        _temperature = options.Temperature;
        _projection = new(Math.Max(context.Student.Width(Output.Embedding), 1), options.ProjectionWidth);
    }

    public override RequiredOutputs Requires => new(
        Teacher: OutputSet.None, Student: Output.Embedding, SecondView: Output.Embedding);

    public override Module? State => _projection;

    public override string? TrainingOnly =>
        "The method compares two augmented views of an example; held-out examples have one.";

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
    {
        var first = _projection.call(student.Embedding);                    // [B, P]
        var second = _projection.call(student.SecondView.Embedding);        // [B, P]
        return new() { ["contrastive"] = Loss(first, second, _temperature) };
    }

    /// <summary>
    /// NT-Xent: the mean over both views of all examples of -log softmax(cosines / τ) at the example's other view; an
    /// example is not compared with itself (Eq. 1). [B, P], [B, P] → []
    /// </summary>
    internal static Tensor Loss(Tensor first, Tensor second, double temperature)
    {
        var (a, b) = (first.UnitRows(), second.UnitRows());
        var same = torch.cat([a, b]).Gram().Times(1 / temperature).MaskDiagonal();              // [2B, 2B]
        var positive = a.mul(b).sum(1L).Times(1 / temperature);                                 // [B]
        return same.logsumexp(1).mean().Subtract(positive.mean());
    }
}
