namespace Retort.Runs;

/// <summary><c>tuning.json</c>: what the search of the learning rate found. Accuracies on validation, as fractions.</summary>
/// <param name="LearningRates">The grid, the same for both.</param>
/// <param name="Seeds">Of the search's runs; none of them is reported.</param>
/// <param name="Control">One accuracy a seed, for each rate; empty where the recipe has no teacher.</param>
/// <param name="Student">One accuracy a seed, for each rate.</param>
/// <param name="Chosen">The best of each.</param>
public sealed record TuningTable(IReadOnlyList<double> LearningRates, IReadOnlyList<int> Seeds,
    IReadOnlyList<IReadOnlyList<double>> Control, IReadOnlyList<IReadOnlyList<double>> Student, TunedRates Chosen)
{
    /// <summary>A sentence for each trial whose loss stopped being a number; it counts as an accuracy of 0.</summary>
    public IReadOnlyList<string> Diverged { get; init; } = [];
}

/// <summary>The learning rates with which control and student are trained.</summary>
public sealed record TunedRates(double Control, double Student);
