namespace Retort.Methods;

/// <remarks>This file: the loss of one part.</remarks>
public sealed partial class AdaptiveEncoder
{
    /// <summary>A part learns the teacher's class probabilities and its hidden states (§3.1, Eq. 3).</summary>
    /// <param name="weight">Of the hidden states.</param>
    internal sealed class Loss(double weight) : DistillationLoss
    {
        public override RequiredOutputs Requires => s_outputs;

        public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
        {
            var terms = new LossTerms
            {
                ["soft"] = SoftCrossEntropy(teacher.Logits.Softmax(), student.Logits.LogSoftmax()),
            };
            if (weight == 0) return terms;

            var mask = batch.Inputs.AttentionMask.ToMask();                                         // [B, T]
            var (ofTeacher, ofPart) = (teacher.HiddenStates.Count, student.HiddenStates.Count);
            if (ofTeacher != ofPart) throw new InvalidOperationException(
                Invariant($"A part has {ofPart} hidden states to compare with {ofTeacher}."));

            var errors = teacher.HiddenStates.Zip(
                student.HiddenStates, (t, s) => TokenMeanSquaredError(t, s, mask));                  // each []
            terms["hidden"] = errors.Aggregate((sum, error) => sum.Add(error)).Times(weight);
            return terms;
        }
    }

    // the paper's, or that of another method
    DistillationLoss LossOf(Part part, double stateWeight, MethodContext context) => options.Loss is LossOptions other
        ? other.Build(context with { Teacher = part.ShapesOf(context.Data), Student = part.ShapesOf(context.Data) })
        : new Loss(stateWeight);

    static MethodContext ContextOf(ProcedureContext context) => new()
    {
        Task = context.Task,
        Data = context.Data.Info,
        Examples = context.Training.Count,
        BatchSize = context.BatchSize,
        Steps = checked((int)context.Steps),
        Student = new(new Dictionary<OutputKey, IReadOnlyList<long[]>>()),      // the parts'
    };

    // the hidden states of the teacher that a part has
    static Outputs OfPart(Outputs teacher, Part part) => new()
    {
        Logits = teacher.Logits,
        HiddenStates = [.. part.States.Select(state => teacher.HiddenStates[state])],
    };
}
