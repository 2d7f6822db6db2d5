namespace Retort.Methods;

/// <summary>Options of <see cref="SpecializedEmbedding"/>.</summary>
public sealed record SpecializedEmbeddingOptions : ProcedureOptions
{
    /// <summary>
    /// How many of the teacher's embeddings of the training split, drawn without replacement, the reduction is fitted
    /// on; all unless given.
    /// </summary>
    [AtLeast(2)] public int? Sample { get; init; }

    /// <summary>
    /// Whether the principal components are divided by their standard deviations, so that all weigh the same. The paper
    /// does not.
    /// </summary>
    public bool Whiten { get; init; }

    public override Procedure Build() => new SpecializedEmbedding(OptionRules.Check(this));
}

/// <summary>
/// The student regresses the teacher's embedding on examples of the domain where it will be used, without labels. Where
/// its embedding is narrower than the teacher's, the target is the teacher's reduced by principal components.
/// </summary>
[Paper("sea", "Srivastava, Roy, Cartwright, Bello, Arora, Specialized Embedding Approximation for Edge Intelligence: A "
    + "Case Study in Urban Sound Classification, ICASSP 2021", 2021)]
public sealed partial class SpecializedEmbedding(SpecializedEmbeddingOptions options) : Procedure
{
    const string StageName = "student";

    static readonly Artifact s_reduction = new("reduction.safetensors", ArtifactKind.Table);

    public override OutputSet RequiredOfTeacher => Output.Embedding;

    public override IReadOnlyList<Artifact> Artifacts => [s_reduction];

    public override void Check(LearningTask task) => task.RequireEmbedding("sea");

    public override void CheckShapes(MethodContext context)
    {
        var width = context.Student.Width(Output.Embedding);
        var rows = Math.Min(options.Sample ?? context.Examples, context.Examples);
        Reduction.Check(context.Teacher!.Width(Output.Embedding), width, rows);
    }

    public override ProcedureResult Run(ProcedureContext context)
    {
        using var scope = torch.NewDisposeScope();
        var embeddings = EmbeddingsOf(context, context.Teacher!, context.Training);
        var rows = Rows(embeddings.Count, context.Seed);
        var student = context.Train(new()
        {
            Name = StageName,
            Method = training => new Loss(Reduction.Fit(
                embeddings, rows, training.Student.Width(Output.Embedding), options.Whiten)),
            Teacher = context.Teacher,
        });

        // once more: a training that was done before the run continued does not make its loss
        var outputs = EmbeddingsOf(context, student, context.Data.Validation);
        using var reduction = Reduction.Fit(embeddings, rows, outputs.Width, options.Whiten);
        context.Save(s_reduction, reduction.state_dict());
        var targets = EmbeddingsOf(context, context.Teacher!, context.Data.Validation);
        return new([new(StageName)])
        {
            Figures = new Dictionary<string, double>
            {
                ["relativeError"] = reduction.RelativeError(outputs, targets),
                ["explainedVariance"] = reduction.ExplainedVariance,
                ["reducedFrom"] = embeddings.Width,
                ["sampledEmbeddings"] = rows.Length,
            },
        };
    }

    int[] Rows(int count, int seed)
    {
        int[] rows = [.. Enumerable.Range(0, count)];
        if (options.Sample is not { } sample || sample >= count) return rows;

        new RandomStream(seed, StreamKey.Method).Shuffle<int>(rows);
        return [.. rows[..sample].Order()];
    }

    static Predictions EmbeddingsOf(ProcedureContext context, ITeacher network, IDataSplit split) =>
        context.Predict(network, split, Output.Embedding)[Output.Embedding];
}
