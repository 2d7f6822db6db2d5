namespace Retort.Recipes;

/// <summary>
/// A search for the learning rate before the reported runs: control and method each try every rate with seeds that are
/// not reported, and each uses the rate that is best on validation.
/// </summary>
public sealed record TuningOptions
{
    /// <summary>The rates, the same for both.</summary>
    [NotEmpty, Positive] public required IReadOnlyList<double> LearningRates { get; init; }

    /// <summary>
    /// Learning rates of the teacher that the recipe trains: one teacher is trained with each, with its own seed, and
    /// the best on validation is the run's. Unless given, it is trained with the rate of its own training alone.
    /// </summary>
    [NotEmpty, Positive] public IReadOnlyList<double>? TeacherLearningRates { get; init; }

    /// <summary>Runs of each rate of control and student; their seeds are 1001, 1002, ….</summary>
    [AtLeast(1)] public int Seeds { get; init; } = 1;
}
