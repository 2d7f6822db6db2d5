using Retort.Training;

namespace Retort.Recipes;

/// <summary>A teacher that the recipe trains first, on the labels of all training examples.</summary>
public sealed record TrainedTeacherOptions : TeacherOptions
{
    /// <summary>The teacher's network.</summary>
    public required ModelOptions Network { get; init; }

    /// <summary>How it is trained.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>Its own seed, the same for every student.</summary>
    public int Seed { get; init; } = 1;
}
