namespace Retort.Methods;

/// <summary>Options of <see cref="ConfidencePenalty"/>.</summary>
public sealed record ConfidencePenaltyOptions : LossOptions
{
    /// <summary>β: the weight of a nat of entropy beside the labels.</summary>
    [NotNegative] public double Weight { get; init; } = 0.1;

    public override DistillationLoss Build(MethodContext context)
    {
        context.Task.RequireClassProbabilities("confidence-penalty");
        return new ConfidencePenalty(OptionRules.Check(this));
    }
}

/// <summary>The student is rewarded for the entropy of its predictions, so that confidence costs.</summary>
[Paper("confidence-penalty", "Pereyra, Tucker, Chorowski, Kaiser, Hinton, Regularizing Neural Networks by Penalizing "
    + "Confident Output Distributions, arXiv:1701.06548", 2017)]
public sealed class ConfidencePenalty(ConfidencePenaltyOptions options) : DistillationLoss
{
    public override RequiredOutputs Requires => new(Teacher: OutputSet.None, Student: Output.Logits);

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
    {
        var p = student.Logits.Softmax();                                   // [B, C]
        var logP = student.Logits.LogSoftmax();                             // [B, C]

        return new()
        {
            ["labels"] = batch.CrossEntropy(student.Logits),
            ["entropy"] = SoftCrossEntropy(p, logP).Times(-options.Weight), // []   −β H(p)
        };
    }
}
