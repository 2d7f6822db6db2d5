using Retort.Training;

namespace Retort.Studies.Fidelity;

/// <summary>One way to train a student.</summary>
public sealed record TrainingVariant
{
    /// <summary>Its title in tables and charts.</summary>
    public required string Title { get; init; }

    /// <summary>The factor of the setting's steps.</summary>
    [Positive] public double Longer { get; init; } = 1;

    /// <summary>The optimizer; the setting's unless given.</summary>
    public OptimizerOptions? Optimizer { get; init; }

    /// <summary>The highest learning rate; the setting's unless given.</summary>
    [Positive] public double? LearningRate { get; init; }
}
