namespace Retort.Methods;

public sealed partial class RetrievalAugmented
{
    /// <summary>
    /// Stage 1 of <see cref="RetrievalAugmented"/>: the linear projection of a teacher's embeddings, fitted so that
    /// examples of a class are near each other (Khosla et al., Supervised Contrastive Learning, arXiv:2004.11362,
    /// Eq. 2).
    /// </summary>
    internal static class Contrastive
    {
        /// <summary>
        /// Mean over the examples that have a positive, which is another of their class, of
        /// -1/|P(i)| Σ_{j ∈ P(i)} (S_ij - log Σ_{k ≠ i} exp S_ik) with S = z zᵀ / τ; 0 where none has one.
        /// [N, D], [N] int64 → []
        /// </summary>
        /// <param name="z">Vectors of length 1.</param>
        /// <param name="labels">Class indices, all known.</param>
        /// <param name="temperature">τ.</param>
        public static Tensor Loss(Tensor z, Tensor labels, double temperature)
        {
            var S = z.Gram().Times(1 / temperature);                                                 // [N, N]
            var isSame = labels.unsqueeze(1).eq(labels.unsqueeze(0)).to(S.dtype);
            var isPositive = isSame.Subtract(torch.eye(z.size(0), dtype: S.dtype, device: S.device));  // [N, N]
            var positives = isPositive.sum(1L);                                                     // [N]   |P(i)|
            var isAnchor = positives.sign();                                                    // 0 without a positive

            // the mean of S_ij - c_i over j is the mean of S_ij, less c_i
            var mean = S.mul(isPositive).sum(1L).div(AtLeastOne(positives));                        // [N]
            var losses = S.MaskDiagonal().logsumexp(1).Subtract(mean).mul(isAnchor);                // [N]
            return losses.sum().div(AtLeastOne(isAnchor.sum()));                                    // []

            static Tensor AtLeastOne(Tensor counts) => counts.Add(counts.sign().neg().Add(1));
        }

        /// <summary>
        /// Fits the projection on embeddings of the teacher, in a loop that resumes; its parameters are frozen
        /// afterwards. The caller owns it.
        /// </summary>
        /// <param name="context">The run.</param>
        /// <param name="options">Steps, batch size, learning rate, temperature.</param>
        /// <param name="embeddings">The teacher's, of all training examples.</param>
        /// <param name="width">D of the student's embedding.</param>
        public static Linear Fit(
            ProcedureContext context, RetrievalAugmentedOptions options, Predictions embeddings, int width)
        {
            int[] labelled = [.. Enumerable.Range(0, embeddings.Count).Where(i => embeddings.Labels[i] >= 0)];
            if (labelled.Length == 0) throw new InvalidOperationException(
                "reaugkd fits its projection on labelled training examples; the data has none.");

            RandomStream.SeedTorch(context.Seed, StreamKey.Method);
            var projection = ModuleFactory.Create(() => new Linear(embeddings.Width, width));
            projection.to(context.Device);
            var parameters = projection.ParametersWithNames();
            using var optimizer = new Adam(parameters, new(WeightDecay: 0.01), decoupled: true);
            context.Loop(new()
            {
                Name = "projection",
                Steps = options.ProjectionSteps,
                State = () => projection.state_dict().Concat(optimizer.State),
                Step = Step,
            });
            foreach (var (_, parameter) in parameters) parameter.requires_grad_(false);
            return projection;

            double Step(long step)
            {
                var (h, y) = Batch(embeddings, labelled, options.ProjectionBatchSize, context, step);
                var loss = Loss(projection.call(h).UnitRows(), y, options.ContrastiveTemperature);
                optimizer.ZeroGrad();
                loss.backward();
                optimizer.Step(options.ProjectionLearningRate);
                return loss.ToSingle();
            }
        }

        // drawn anew at each step, so that the order needs no state
        static (Tensor Embeddings, Tensor Labels) Batch(
            Predictions embeddings, int[] labelled, int size, ProcedureContext context, long step)
        {
            var random = new RandomStream(context.Seed, StreamKey.Method, step, 1);
            var order = labelled.Length <= size ? labelled : [.. random.Permutation(labelled.Length).Take(size)
                .Select(i => labelled[i])];
            long[] labels = [.. order.Select(i => embeddings.Labels[i])];
            var h = embeddings.RowsOf(order).to(context.Device);
            return (h, labels.ToTensor(labels.Length).to(context.Device));
        }
    }
}
