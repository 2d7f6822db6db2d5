namespace Retort.Recipes;

/// <summary>Which combinations a search tries.</summary>
public abstract record StrategyOptions;

/// <summary>Every combination of all values, each trained to the end.</summary>
public sealed record GridOptions : StrategyOptions;

/// <summary>Combinations drawn at random, each trained to the end (Bergstra and Bengio, JMLR 13, 2012).</summary>
public sealed record RandomOptions : StrategyOptions
{
    /// <summary>How many combinations are drawn.</summary>
    [AtLeast(1)] public int Trials { get; init; } = 16;
}

/// <summary>
/// Combinations drawn at random: after each rung the best continue from their checkpoints for <see cref="Factor"/>
/// times as many epochs, and the others stop (Jamieson and Talwalkar, AISTATS 2016, arXiv:1502.07943). Learning-rate
/// schedules are those of the whole training.
/// </summary>
public sealed record HalvingOptions : StrategyOptions
{
    /// <summary>How many combinations begin.</summary>
    [AtLeast(1)] public int Trials { get; init; } = 16;

    /// <summary>η: one in so many continues after a rung.</summary>
    [AtLeast(2)] public int Factor { get; init; } = 2;

    /// <summary>Epochs of the first rung.</summary>
    [AtLeast(1)] public int FirstEpochs { get; init; } = 1;
}
