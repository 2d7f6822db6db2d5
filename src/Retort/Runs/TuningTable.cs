namespace Retort.Runs;

/// <summary>
/// <c>tuning.json</c> of earlier versions: the result of a search of the learning rate. Accuracies on validation, as
/// fractions.
/// </summary>
/// <param name="LearningRates">The grid, the same for both.</param>
/// <param name="Seeds">The seeds of the search's runs; none of them is reported.</param>
/// <param name="Control">For each rate an accuracy for each seed; empty where the recipe has no teacher.</param>
/// <param name="Student">For each rate an accuracy for each seed.</param>
/// <param name="Chosen">The best rate of each.</param>
public sealed record TuningTable(IReadOnlyList<double> LearningRates, IReadOnlyList<int> Seeds,
    IReadOnlyList<IReadOnlyList<double>> Control, IReadOnlyList<IReadOnlyList<double>> Student, TunedRates Chosen)
{
    /// <summary>A sentence for each trial whose loss stopped being finite; it counts as an accuracy of 0.</summary>
    public IReadOnlyList<string> Diverged { get; init; } = [];
}
