namespace Retort.Tasks;

/// <summary>One class an example: images, texts, pairs of texts, answers to questions.</summary>
public sealed record ClassificationOptions : TaskOptions
{
    /// <summary>The score that selects and that the verdict speaks of.</summary>
    public ClassificationScore Primary { get; init; } = ClassificationScore.Accuracy;

    /// <inheritdoc/>
    public override LearningTask Build(DatasetInfo data) => new Classification(this, data);
}

/// <summary>Scores that can decide a classification run.</summary>
public enum ClassificationScore
{
    /// <summary>The share of examples whose largest logit is the label's.</summary>
    Accuracy,

    /// <summary>The mean over classes of each class's F1.</summary>
    MacroF1,

    /// <summary>Matthews' correlation coefficient, for several classes Gorodkin's R_K.</summary>
    Mcc,

    /// <summary>Mean of -log softmax(logits)[label]: lower is better.</summary>
    Nll,
}
