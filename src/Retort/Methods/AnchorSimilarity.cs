namespace Retort.Methods;

/// <summary>Options of <see cref="AnchorSimilarity"/>. Defaults are those of the authors' code.</summary>
public sealed record AnchorSimilarityOptions : LossOptions, IValidated
{
    const double UsualMomentum = 0.999;
    const int UsualAnchors = 128_000;

    /// <summary>τ of the softmax over the anchors. A smaller one looks at nearer neighbors only.</summary>
    [Positive] public double Temperature { get; init; } = 0.04;

    /// <summary>The temperature of the teacher's softmax; unset: the same.</summary>
    [Positive] public double? TeacherTemperature { get; init; }

    /// <summary>
    /// K: the length of the queue. Unset: 128,000, or half the training examples where that is less, and at least a
    /// batch.
    /// </summary>
    [AtLeast(1)] public int? Anchors { get; init; }

    /// <summary>What the student's embeddings are compared with.</summary>
    public AnchorQueues Queues { get; init; } = AnchorQueues.Two;

    /// <summary>
    /// The share of the momentum encoder that remains at each step. 0: no momentum encoder, the student's own queue
    /// holds its own embeddings.
    /// </summary>
    [LessThanOne] public double Momentum { get; init; } = UsualMomentum;

    /// <summary>
    /// A layer from the student's embedding to the teacher's width, trained with the student and dropped at its end.
    /// </summary>
    public AnchorHead Head { get; init; } = AnchorHead.None;

    internal bool HasMomentumEncoder => Queues == AnchorQueues.Two && Momentum > 0;

    public override DistillationLoss Build(MethodContext context)
    {
        OptionRules.Check(this);
        context.Task.RequireEmbedding("compress");
        return new AnchorSimilarity(this, context);
    }

    /// <summary>Refuses a momentum that has no effect.</summary>
    public OptionError? Validate() => Queues == AnchorQueues.One && Momentum != UsualMomentum
        ? new(nameof(Momentum), "has no effect where queues is \"one\": leave one of them out.")
        : null;

    /// <summary>What a report says of a queue of this length on so many training examples; null for nothing.</summary>
    internal static Finding? FindingOf(int anchors, int examples) => anchors <= examples / 2 ? null : new(
        Invariant($"The queue of {anchors} anchors holds more than half the {examples} training examples, so that it ")
            + "often holds an example's own embedding of the epoch before.",
        Invariant($"Set method.anchors to {Math.Max(examples / 2, 1)} or less."));

    /// <summary>K for this many training examples and examples in a batch.</summary>
    internal int AnchorCount(int examples, int batch) =>
        Anchors ?? Math.Max(Math.Min(UsualAnchors, examples / 2), batch);

    /// <summary>What the student's embeddings are compared with.</summary>
    public enum AnchorQueues
    {
        /// <summary>A queue of embeddings of the student's own, of any width.</summary>
        Two,

        /// <summary>The teacher's queue: the student's embedding, or its head's output, must be as wide.</summary>
        One,
    }

    /// <summary>The layer between the student's embedding and the similarities.</summary>
    public enum AnchorHead
    {
        /// <summary>None.</summary>
        None,

        /// <summary>A linear layer.</summary>
        Linear,

        /// <summary>A linear layer as wide as its input, a ReLU and a linear layer.</summary>
        Mlp,
    }
}

/// <summary>
/// The student learns, for every example, the teacher's similarities to a queue of anchors: the embeddings of earlier
/// examples. Needs no labels and no equal widths.
/// </summary>
/// <remarks>
/// Differs from the authors' code: a length of 0 is divided by 1e-6; the momentum encoder is in train mode throughout.
/// </remarks>
[Paper("compress", "Koohpayegani, Tejankar, Pirsiavash, CompRess: Self-Supervised Learning by Compressing "
    + "Representations, arXiv:2010.14713", 2020)]
public sealed partial class AnchorSimilarity : DistillationLoss
{
    readonly AnchorSimilarityOptions _options;
    readonly AnchorQueue _queue;

    /// <summary>Makes the queue, and the head where there is one.</summary>
    public AnchorSimilarity(AnchorSimilarityOptions options, MethodContext context)
    {
        _options = options;
        Check(options, context);
        _queue = new(options, context);
    }

    public override RequiredOutputs Requires => new(Output.Embedding, Output.Embedding,
        Ema: _options.HasMomentumEncoder ? Output.Embedding : OutputSet.None);

    public override Module? State => _queue;

    public override EmaSettings Ema => new(_options.Momentum, WarmUp: false);

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
    {
        var t = teacher.Embedding.UnitRows();                               // [B, Dt]
        var s = _queue.Project(student.Embedding).UnitRows();               // [B, Ds]
        var p = t.mm(_queue.TeacherAnchors.t()).Softmax(_options.TeacherTemperature ?? _options.Temperature);
        var logQ = s.mm(_queue.StudentAnchors.t()).LogSoftmax(_options.Temperature);        // [B, K]
        return new() { ["similarity"] = KlDivergence(p, logQ) };
    }

    // after the step, so that no example is compared with itself
    public override void AfterStep(Batch batch, Outputs teacher, Outputs student)
    {
        var key = _options.HasMomentumEncoder ? student.Ema.Embedding : student.Embedding;
        _queue.Push(teacher.Embedding, key);
    }
}
