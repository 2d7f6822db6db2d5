using Retort.Runtime.Knowledge;

namespace Retort.Methods;

/// <summary>Options of <see cref="RetrievalAugmented"/>. Where the paper is silent, the defaults are ours.</summary>
public sealed record RetrievalAugmentedOptions : ProcedureOptions, IValidated
{
    /// <summary>The weight of the cross-entropy to the teacher's soft labels at temperature 1.</summary>
    [NotNegative] public double SoftWeight { get; init; } = 1;

    /// <summary>The weight of the cross-entropy to the labels.</summary>
    [NotNegative] public double HardWeight { get; init; }

    /// <summary>
    /// α: the weight of the divergence between the teacher's similarities within a batch and the student's.
    /// </summary>
    [NotNegative] public double RelationWeight { get; init; } = 1;

    /// <summary>τ: similarities are divided by it, in training and where rows are retrieved.</summary>
    [Positive] public double Temperature { get; init; } = 0.1;

    /// <summary>
    /// Another method, a loss, whose terms the student learns too, for example <c>ckd</c>. Where it has the teacher's
    /// logits, set <c>softWeight</c> to 0 to learn them once. None unless given.
    /// </summary>
    public MethodOptions? AddedLoss { get; init; }

    /// <summary>Whether an example's similarity to its own teacher embedding is left out of the divergence.</summary>
    public bool ExcludeSelf { get; init; }

    /// <summary>τ of the supervised contrastive loss, which fits the projection of the teacher's embeddings.</summary>
    [Positive] public double ContrastiveTemperature { get; init; } = 0.1;

    /// <summary>Steps of fitting the projection.</summary>
    [AtLeast(1)] public int ProjectionSteps { get; init; } = 500;

    /// <summary>Examples of such a step.</summary>
    [AtLeast(2)] public int ProjectionBatchSize { get; init; } = 256;

    /// <summary>The learning rate of such a step, by AdamW.</summary>
    [Positive] public double ProjectionLearningRate { get; init; } = 1e-3;

    /// <summary>The largest k that validation may choose.</summary>
    [AtLeast(1)] public int MaxNeighbors { get; init; } = 20;

    /// <summary>How the knowledge base stores keys: float16 takes a half of the bytes, int8 about a quarter.</summary>
    public KeyType KeyType { get; init; }

    /// <summary>
    /// Whether the base has the training texts, to show those that decided; whoever has the student can read them.
    /// </summary>
    public bool StoreTexts { get; init; }

    public override Procedure Build() => new RetrievalAugmented(OptionRules.Check(this));

    OptionError? IValidated.Validate() =>
        AddedLoss is null || (AddedLoss as LossOptions)?.RequiredOfTeacher() is not null ? null : new(
            nameof(AddedLoss), "must be a loss on the teacher's outputs, such as \"kd\" or \"ckd\".");
}

/// <summary>
/// The student retrieves the teacher's soft labels of the training examples that are nearest to its own embedding, and
/// is trained so that they are near the right ones.
/// </summary>
[Paper("reaugkd", "Zhang, Muhamed, Anantharaman, Wang, Chen, Zhong, Cui, Xu, Zeng, Chilimbi, Chen, ReAugKD: "
    + "Retrieval-Augmented Knowledge Distillation For Pre-trained Language Models, ACL 2023 (short)", 2023)]
public sealed partial class RetrievalAugmented(RetrievalAugmentedOptions options) : Procedure
{
    const string Network = "without-retrieval";
    const int PurityNeighbors = 10;

    static readonly Artifact s_base = new("knowledge.base", ArtifactKind.KnowledgeBase);

    public override OutputSet RequiredOfTeacher =>
        (options.AddedLoss as LossOptions)?.RequiredOfTeacher() is { } added ? Loss.Outputs | added : Loss.Outputs;

    public override IReadOnlyList<Artifact> Artifacts => [s_base];

    public override void Check(LearningTask task) => task.RequireClassProbabilities("reaugkd");

    public override ProcedureResult Run(ProcedureContext context)
    {
        var ofTeacher = context.Predict(context.Teacher!, context.Training, Loss.Outputs);
        using var projection = Contrastive.Fit(
            context, options, ofTeacher[Output.Embedding], StudentWidth(context));
        var student = context.Train(new()
        {
            Name = Network,
            Method = training => new Loss(options, projection, (options.AddedLoss as LossOptions)?.Build(training)),
            Teacher = context.Teacher,
        });

        // written twice: k and β are chosen with its rows
        var rows = Rows(context, ofTeacher, projection, context.HashOf(student));
        var file = context.PathOf(s_base);
        rows.Write(file);
        var ofStudent = context.Predict(student, context.Data.Validation, Loss.Outputs);
        using var knowledge = KnowledgeBase.Open(file);
        var choice = new Choice(
            context.Task, knowledge, ofStudent[Output.Logits], ofStudent[Output.Embedding]);
        var (settings, score, without) = choice.Find(options.MaxNeighbors, options.Temperature);
        rows.Settings = settings;
        rows.Write(file);
        return new([new(Network)])
        {
            Figures = new Dictionary<string, double>
            {
                ["neighbors"] = settings.Neighbors,
                ["retrievalWeight"] = settings.Weight,
                ["validationScore"] = score,
                ["validationScoreWithoutRetrieval"] = without,
                ["neighborPurity"] = choice.Purity(ClassesOf(ofTeacher[Output.Logits]), PurityNeighbors),
                ["knowledgeRows"] = knowledge.Rows,
                ["knowledgeBytes"] = knowledge.Bytes,
            },
        };
    }

    // the label, and the teacher's class where it is unknown
    static long[] ClassesOf(Predictions logits) =>
    [
        .. logits.Labels.Select((label, n) => label >= 0 ? label : Runtime.Metrics.LogitRows.ArgMax(logits.Row(n))),
    ];

    static int StudentWidth(ProcedureContext context)
    {
        using var scope = torch.NewDisposeScope();
        using var network = context.NewNetwork("width");
        var example = new HostBatch();
        context.Data.Validation.Load([0], View.Plain, example);
        network.eval();
        return (int)network.Forward(example.ToBatch(context.Device).Inputs, Output.Embedding).Embedding.size(1);
    }
}
