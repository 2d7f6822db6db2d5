namespace Retort.Tasks;

/// <summary>The scores that can be primary in a classification run.</summary>
public enum ClassificationScore
{
    /// <summary>The share of examples whose largest logit is that of the label.</summary>
    Accuracy,

    /// <summary>The mean over classes of each class's F1.</summary>
    MacroF1,

    /// <summary>Matthews' correlation coefficient, for several classes Gorodkin's R_K.</summary>
    Mcc,

    /// <summary>Mean of -log softmax(logits)[label]: lower is better.</summary>
    Nll,

    /// <summary>Of two classes: the F1 of the second one, 2 TP / (2 TP + FP + FN).</summary>
    F1,
}
