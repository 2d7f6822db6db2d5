namespace Retort.Methods;

public sealed partial class RetrievalAugmented
{
    /// <summary>
    /// Stage 2 of <see cref="RetrievalAugmented"/>: the student learns the teacher's soft labels, and its similarities
    /// to the teacher's projected embeddings of the batch become those of the teacher.
    /// </summary>
    /// <param name="options">The weights and τ.</param>
    /// <param name="projection">L: from the teacher's width to the student's, frozen.</param>
    /// <param name="added">Another loss, whose terms are added; null for none. It is disposed with this one.</param>
    internal sealed class Loss(RetrievalAugmentedOptions options, Linear projection, DistillationLoss? added = null)
        : DistillationLoss
    {
        /// <summary>The outputs that it compares without the added loss; the knowledge base is made of them.</summary>
        public static OutputSet Outputs => Output.Logits | Output.Embedding;

        public override RequiredOutputs Requires => added is null ? Outputs : new RequiredOutputs(
            added.Requires.Teacher | Outputs, added.Requires.Student | Outputs, added.Requires.Ema);

        public override Module? State => added?.State;

        public override EmaSettings Ema => added?.Ema ?? base.Ema;

        public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
        {
            var t = teacher.Logits.Softmax();                                   // [B, C]   soft labels at temperature 1
            var logP = student.Logits.LogSoftmax();                             // [B, C]
            var terms = new LossTerms { ["soft"] = SoftCrossEntropy(t, logP).Times(options.SoftWeight) };
            if (options.HardWeight > 0)
                terms["labels"] = batch.CrossEntropy(student.Logits).Times(options.HardWeight);
            if (options.RelationWeight > 0)
                terms["relations"] = Relations(Projected(teacher.Embedding, projection), student.Embedding,
                    options.Temperature, options.ExcludeSelf).Times(options.RelationWeight);
            foreach (var (name, value) in added?.Compute(batch, teacher, student).Parts ?? [])
                terms[$"added_{name}"] = value;
            return terms;
        }

        public override void AfterStep(Batch batch, Outputs teacher, Outputs student) =>
            added?.AfterStep(batch, teacher, student);

        /// <summary>z: projected embeddings of length 1, without gradient. [B, Dt] → [B, Ds]</summary>
        public static Tensor Projected(Tensor embedding, Linear projection)
        {
            using var frozen = torch.no_grad();
            return projection.call(embedding.AtLeastFloat32()).UnitRows();
        }

        /// <summary>
        /// L_rel, §3: the mean of KL(q_i ‖ q̄_i), where q_i is the softmax over j of z_i·z_j / τ and q̄_i that of
        /// x_i·z_j / τ, x being the student's embeddings divided by their lengths. [B, D], [B, D] → []
        /// </summary>
        /// <param name="z">The teacher's projected embeddings, of length 1.</param>
        /// <param name="embedding">The student's embeddings, of any length.</param>
        /// <param name="temperature">τ.</param>
        /// <param name="excludeSelf">Whether the sums leave out j = i.</param>
        public static Tensor Relations(Tensor z, Tensor embedding, double temperature, bool excludeSelf)
        {
            var fixedZ = z.detach();
            var own = fixedZ.Gram();                                                                // [B, B]
            var crossed = embedding.UnitRows().mm(fixedZ.t());                                      // [B, B]
            if (excludeSelf)
            {
                own = own.MaskDiagonal();
                crossed = crossed.MaskDiagonal();
            }
            return KlDivergence(own.Softmax(temperature), crossed.LogSoftmax(temperature));         // []
        }
    }
}
