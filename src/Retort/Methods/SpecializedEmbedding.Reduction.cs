namespace Retort.Methods;

/// <remarks>This file: the loss and its targets.</remarks>
public sealed partial class SpecializedEmbedding
{
    /// <summary>
    /// The mean over the batch and the embedding of the squared difference to φ of the teacher's (§2.1). The sum over
    /// the embedding, which the paper writes, is this times its width.
    /// </summary>
    internal sealed class Loss(Reduction reduction) : DistillationLoss
    {
        public override RequiredOutputs Requires => Output.Embedding;

        public override Module? State => reduction;

        public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student) => new()
        {
            ["regression"] = MeanSquaredError(reduction.call(teacher.Embedding), student.Embedding),
        };
    }

    /// <summary>
    /// φ: standardizes each number of the teacher's embedding by the sample and projects onto the first principal
    /// components, or returns the embedding as it is where none of its numbers is left out (§2.2). [B, D] → [B, d]
    /// </summary>
    internal sealed class Reduction : torch.nn.Module<Tensor, Tensor>
    {
        readonly Tensor? mean;                                              // [D]
        readonly Tensor? deviation;                                         // [D]
        readonly Tensor? components;                                        // [D, d]

        Reduction(Tensor? mean, Tensor? deviation, Tensor? components, double explained) : base(nameof(Reduction))
        {
            (this.mean, this.deviation, this.components) = (mean, deviation, components);
            ExplainedVariance = explained;
            RegisterComponents();
        }

        /// <summary>The share of the sample's variance, once standardized, that the reduction keeps.</summary>
        public double ExplainedVariance { get; }

        /// <summary>Refuses a reduction from D to d numbers that so many embeddings do not determine.</summary>
        /// <exception cref="InvalidOperationException">
        /// The width is above the teacher's, or the rows are too few.
        /// </exception>
        public static void Check(int teacher, int width, int rows)
        {
            if (width > teacher) throw new InvalidOperationException(Invariant(
                $"The method \"sea\" needs a student whose embedding is at most as wide as the teacher's, ")
                + Invariant($"{teacher}; it is {width}."));
            if (width < teacher && rows <= width) throw new InvalidOperationException(Invariant(
                $"The method \"sea\" fits a reduction to {width} numbers on more embeddings than that, all of the ")
                + Invariant($"training split or method.sample; there are {rows}."));
        }

        /// <summary>Fits a reduction to a width on rows of the teacher's embeddings.</summary>
        /// <exception cref="InvalidOperationException">
        /// The width is above the teacher's, or the rows are too few.
        /// </exception>
        public static Reduction Fit(Predictions embeddings, int[] rows, int width, bool whiten)
        {
            Check(embeddings.Width, width, rows.Length);
            if (width == embeddings.Width) return new(null, null, null, 1);

            using var scope = torch.NewDisposeScope();
            using var frozen = torch.no_grad();
            var x = embeddings.RowsOf(rows).to(torch.ScalarType.Float64);                            // [N, D]
            var mean = x.mean([0]);
            var deviation = x.Subtract(mean).Squared().mean([0]).sqrt();
            deviation = deviation.Add(deviation.sign().neg().Add(1));       // 1 where a number is constant
            var z = x.Subtract(mean).div(deviation);
            var covariance = z.t().mm(z).Times(1.0 / rows.Length);                                  // [D, D]

            // in ascending order of the variances
            var (variances, vectors) = torch.linalg.eigh(covariance);
            var first = embeddings.Width - width;
            var components = WithSigns(vectors.narrow(1, first, width).flip(1));                    // [D, d]
            var kept = variances.narrow(0, first, width);                                           // [d]
            if (whiten && kept[0].ToDouble() <= 1e-9 * variances.sum().ToDouble())
                throw new InvalidOperationException(Invariant(
                    $"The method \"sea\" cannot whiten {width} components: fewer of the sample's vary."));
            if (whiten) components = components.div(kept.flip(0).sqrt());
            return new(
                Float(mean), Float(deviation), Float(components),
                kept.sum().ToDouble() / Math.Max(variances.sum().ToDouble(), double.Epsilon));

            Tensor Float(Tensor tensor) => tensor.to(torch.ScalarType.Float32).MoveToOuterDisposeScope();
        }

        public override Tensor forward(Tensor embedding) => components is null ? embedding.AtLeastFloat32()
            : embedding.AtLeastFloat32().Subtract(mean!).div(deviation!).mm(components);

        /// <summary>
        /// Σ ‖f − φ‖² / Σ ‖φ − φ̄‖²: 0 for a student that equals its targets, 1 for one that always gives their mean.
        /// Very large where all targets are the same.
        /// </summary>
        public double RelativeError(Predictions student, Predictions teacher)
        {
            using var scope = torch.NewDisposeScope();
            using var frozen = torch.no_grad();
            var targets = forward(teacher.Values.ToTensor(teacher.Count, teacher.Width));           // [N, d]
            var outputs = student.Values.ToTensor(student.Count, student.Width);                    // [N, d]
            var spread = targets.Subtract(targets.mean([0])).Squared().sum().ToDouble();
            return outputs.Subtract(targets).Squared().sum().ToDouble() / Math.Max(spread, float.Epsilon);
        }

        // a component's sign is arbitrary: its largest number becomes positive
        static Tensor WithSigns(Tensor vectors)
        {
            var largest = vectors.abs().argmax(0, keepdim: true);                                   // [1, d]
            return vectors.mul(vectors.gather(0, largest).sign());
        }
    }
}
