namespace Retort.Methods;

/// <summary>Options of <see cref="EmbeddingRegression"/>.</summary>
public sealed record EmbeddingRegressionOptions : LossOptions
{
    /// <summary>What both embeddings are divided by before they are compared.</summary>
    public EmbeddingNormalization Normalize { get; init; } = EmbeddingNormalization.None;

    public override DistillationLoss Build(MethodContext context)
    {
        OptionRules.Check(this);
        context.Task.RequireEmbedding("embedding-regression");
        return new EmbeddingRegression(this, context);
    }

    /// <summary>How embeddings are normalized before they are compared.</summary>
    public enum EmbeddingNormalization
    {
        /// <summary>Not at all.</summary>
        None,

        /// <summary>Each example's embedding to length 1.</summary>
        Unit,

        /// <summary>
        /// Each number of the embedding by mean and variance of the batch, as batch normalization without parameters.
        /// </summary>
        Batch,
    }
}

/// <summary>
/// The student's embedding regresses the teacher's; where their widths differ, through a linear projection that is
/// trained with it and thrown away. The baselines Reg and Reg-BN of CompRess.
/// </summary>
[Paper("embedding-regression",
    "Romero, Ballas, Kahou, Chassang, Gatta, Bengio, FitNets: Hints for Thin Deep Nets, arXiv:1412.6550", 2015)]
public sealed class EmbeddingRegression : DistillationLoss
{
    const double Epsilon = 1e-5;                                            // PyTorch's batch normalization

    readonly EmbeddingRegressionOptions.EmbeddingNormalization _normalize;
    readonly Linear? _projection;

    /// <summary>Makes the projection, where one is needed.</summary>
    public EmbeddingRegression(EmbeddingRegressionOptions options, MethodContext context)
    {
        _normalize = options.Normalize;
        var (t, s) = (context.Teacher?.Width(Output.Embedding) ?? 0, context.Student.Width(Output.Embedding));
        if (t != s && t > 0 && s > 0) _projection = new Linear(s, t);
    }

    public override RequiredOutputs Requires => Output.Embedding;

    public override Module? State => _projection;

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
    {
        var t = Normalized(teacher.Embedding);                              // [B, D]
        var s = Normalized(_projection?.call(student.Embedding) ?? student.Embedding);

        // a row of length 1 has squares that sum to 1; of other rows each number has a size of its own
        var perNumber = MeanSquaredError(t, s);
        var isUnit = _normalize == EmbeddingRegressionOptions.EmbeddingNormalization.Unit;
        return new() { ["regression"] = isUnit ? perNumber.Times(t.size(1)) : perNumber };
    }

    Tensor Normalized(Tensor x) => _normalize switch
    {
        EmbeddingRegressionOptions.EmbeddingNormalization.Unit => x.UnitRows(),
        EmbeddingRegressionOptions.EmbeddingNormalization.Batch => Standardized(x.CenteredColumns()),
        _ => x.AtLeastFloat32(),
    };

    static Tensor Standardized(Tensor centered) =>
        centered.div(centered.Squared().mean([0], keepdim: true).Add(Epsilon).Sqrt());
}
