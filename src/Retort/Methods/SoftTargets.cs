namespace Retort.Methods;

/// <summary>Options of <see cref="SoftTargets"/>. Defaults are the paper's, §3.</summary>
public sealed record SoftTargetsOptions : LossOptions
{
    /// <summary>
    /// T: a higher temperature gives more weight to the teacher's probabilities of the wrong classes.
    /// </summary>
    [Positive] public double Temperature { get; init; } = 4.0;

    /// <summary>The weight of the teacher's term; the labels get the rest.</summary>
    [Share] public double SoftWeight { get; init; } = 0.9;

    public override OutputSet? RequiredOfTeacher() => Output.Logits;

    public override DistillationLoss Build(MethodContext context)
    {
        context.Task.RequireClassProbabilities("kd");
        return new SoftTargets(OptionRules.Check(this));
    }
}

/// <summary>The student learns the teacher's class probabilities at a temperature, together with the labels.</summary>
[Paper("kd", "Hinton, Vinyals, Dean, Distilling the Knowledge in a Neural Network, arXiv:1503.02531", 2015)]
public sealed class SoftTargets(SoftTargetsOptions options) : DistillationLoss
{
    public override RequiredOutputs Requires => Output.Logits;

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
    {
        var (T, w) = (options.Temperature, options.SoftWeight);
        var p = teacher.Logits.Softmax(T);                                  // [B, C]
        var logQ = student.Logits.LogSoftmax(T);                            // [B, C]

        return new()
        {
            ["labels"] = batch.CrossEntropy(student.Logits).Times(1 - w),
            ["soft"] = KlDivergence(p, logQ).Times(w * T * T),              // []   T² restores the gradient's size
        };
    }
}
