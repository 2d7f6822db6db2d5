using static Retort.Methods.AttentionAlignmentOptions;

namespace Retort.Methods;

/// <summary>
/// Options of <see cref="AttentionAlignment"/>. The variant is the one that the paper reports as best; the weights are
/// not the paper's.
/// </summary>
public sealed record AttentionAlignmentOptions : AttentionOptions
{
    /// <summary>How a teacher's head is compared with the mixture of the student's heads.</summary>
    public AlignmentVariant Variant { get; init; } = AlignmentVariant.Kl;

    /// <summary>How alike two heads are, which decides the weights of the mixture.</summary>
    public HeadSimilarity Similarity { get; init; } = HeadSimilarity.Cosine;

    /// <summary>
    /// The temperature of the softmax over similarities. The paper's is 1; a low one chooses the most similar head, a
    /// high one gives all heads the same weight.
    /// </summary>
    [Positive] public double WeightTemperature { get; init; } = 1;

    /// <summary>Whether the weights of the mixture are constants, so that gradients reach the maps alone.</summary>
    public bool DetachWeights { get; init; }

    /// <summary>Whether the loss is the mean over the teacher's heads; the paper's is the sum.</summary>
    public bool MeanOverHeads { get; init; }

    public override DistillationLoss Build(MethodContext context)
    {
        AttentionCheck.Check(AttentionAlignment.Method, this, context);
        return new AttentionAlignment(this, context);
    }

    /// <summary>How a teacher's head is compared with the mixture of the student's heads.</summary>
    public enum AlignmentVariant
    {
        /// <summary>Squared error of the maps, each divided by its Euclidean norm (variant 1).</summary>
        SquaredError,

        /// <summary>KL divergence of the maps, each divided by its sum (variant 2).</summary>
        Kl,

        /// <summary>
        /// The same after a layer on the student's maps that is trained with it and thrown away (variant 3).
        /// </summary>
        ProjectedKl,

        /// <summary>KL divergence query by query, each with a mixture of its own (variant 4).</summary>
        TokenKl,
    }

    /// <summary>How alike two heads are.</summary>
    public enum HeadSimilarity
    {
        /// <summary>The cosine of their maps.</summary>
        Cosine,

        /// <summary>
        /// The product of their maps, each divided by its sum. It is small where tokens are many, so that all heads
        /// get almost the same weight.
        /// </summary>
        SumNormalized,
    }
}

/// <summary>
/// Each of the teacher's heads is compared with a mixture of the student's heads, weighted by how alike their attention
/// maps are. Numbers and order of heads may differ.
/// </summary>
[Paper("amad", "Zhao, Singh, Appalaraju, Tang, Mahadevan, Manmatha, Wu, No Head Left Behind – Multi-Head Alignment "
    + "Distillation for Transformers, AAAI 2024", 2024)]
public sealed partial class AttentionAlignment : DistillationLoss
{
    internal const string Method = "amad";

    readonly AttentionAlignmentOptions _options;
    readonly LearningTask _task;
    readonly MapProjections? _projections;

    /// <summary>Makes the projections of <see cref="AlignmentVariant.ProjectedKl"/>.</summary>
    public AttentionAlignment(AttentionAlignmentOptions options, MethodContext context)
    {
        (_options, _task) = (options, context.Task);
        if (options is { Variant: AlignmentVariant.ProjectedKl, AttentionWeight: > 0 })
            _projections = MapProjections.For(context);
    }

    public override RequiredOutputs Requires => new(_options.RequiredOfTeacher()!.Value, _options.RequiredOfStudent);

    public override Module? State => _projections;

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student) =>
        _options.Terms(_task, batch, teacher, student, Loss);

    /// <summary>The mean over the examples of the loss of a pair of layers. []</summary>
    internal Tensor Loss(AttentionPair maps, int layer)
    {
        var sum = _options.Variant switch
        {
            AlignmentVariant.SquaredError => SumOfSquares(maps.Maps()),
            AlignmentVariant.Kl => SumOfKl(maps.Maps()),
            AlignmentVariant.ProjectedKl => SumOfKl(_projections!.Project(maps, layer)),
            _ => SumOfKl(maps.Queries()),
        };
        return sum.Times(1.0 / (maps.Teacher.size(0) * (_options.MeanOverHeads ? maps.Teacher.size(1) : 1)));
    }

    // Σ ‖t / ‖t‖ − Σ_j a_j s_j / ‖s_j‖‖², Eq. 4 to 6
    Tensor SumOfSquares(HeadRows rows) =>
        rows.Teacher.UnitRows().Subtract(Weights(rows).bmm(rows.Student.UnitRows())).Squared().sum();

    // Σ KL(t ‖ Σ_j a_j s_j) of rows divided by their sums, Eq. 9
    Tensor SumOfKl(HeadRows rows) => HeadRows.SumOfKl(
        HeadRows.Shares(rows.Teacher), Weights(rows).bmm(HeadRows.Shares(rows.Student)));

    /// <summary>
    /// a: for each teacher's head the softmax over the student's heads of their similarity, Eq. 2.
    /// [G, Ht, N], [G, Hs, N] → [G, Ht, Hs]
    /// </summary>
    internal Tensor Weights(HeadRows rows)
    {
        var (t, s) = _options.Similarity == HeadSimilarity.Cosine
            ? (rows.Teacher.UnitRows(), rows.Student.UnitRows())
            : (HeadRows.Shares(rows.Teacher), HeadRows.Shares(rows.Student));
        var weights = t.bmm(s.transpose(1, 2)).Softmax(_options.WeightTemperature);
        return _options.DetachWeights ? weights.detach() : weights;
    }
}
