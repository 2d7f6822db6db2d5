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
            var t = torch.stack(teacher.HiddenStates.Select(state => state.AtLeastFloat32()), 1);   // [B, M, T, D]
            var s = torch.stack(student.HiddenStates.Select(state => state.AtLeastFloat32()), 1);   // [B, M, T, D]
            Shape.Check((mask, "B T", "attention_mask"), (t, "B M T D", "the teacher's hidden states"),
                (s, "B M T D", "the student's hidden states"));
            terms["hidden"] = SquaredDifference(t, s, mask).Times(weight);
            return terms;
        }

        /// <summary>
        /// The sum over the hidden states of the mean squared difference at real tokens. [B, M, T, D] twice,
        /// [B, T] bool → []
        /// </summary>
        internal static Tensor SquaredDifference(Tensor teacher, Tensor student, Tensor mask)
        {
            var squares = student.Subtract(teacher).Squared().mean([-1]);                           // [B, M, T]
            var count = mask.MaskToWeights(squares.dtype).sum();
            return squares.Where(mask.unsqueeze(1), 0).sum().DividedBy(count.AtLeastOne());
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
