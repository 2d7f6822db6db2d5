namespace Retort.Tasks;

/// <summary>The scores that can be primary in a regression run.</summary>
public enum RegressionScore
{
    /// <summary>Pearson's correlation.</summary>
    Pearson,

    /// <summary>Spearman's rank correlation.</summary>
    Spearman,

    /// <summary>The mean squared error: lower is better.</summary>
    Mse,
}
