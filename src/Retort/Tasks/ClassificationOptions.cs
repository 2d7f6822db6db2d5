namespace Retort.Tasks;

/// <summary>One class for each example: images, texts, pairs of texts, answers to questions.</summary>
public sealed record ClassificationOptions : TaskOptions
{
    /// <summary>The score that selects weights and that reports compare by.</summary>
    public ClassificationScore Primary { get; init; } = ClassificationScore.Accuracy;

    public override LearningTask Build(DatasetInfo info) => new Classification(this, info);
}
