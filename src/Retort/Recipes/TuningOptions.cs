namespace Retort.Recipes;

/// <summary>
/// A search of the learning rate before the reported runs: control and method each try every rate with seeds that are not
/// reported, and each keeps the one best on validation.
/// </summary>
public sealed record TuningOptions
{
    /// <summary>The grid, the same for both.</summary>
    public required IReadOnlyList<double> LearningRates { get; init; }

    /// <summary>Runs a rate; their seeds are 1001, 1002, ….</summary>
    [AtLeast(1)] public int Seeds { get; init; } = 1;
}
