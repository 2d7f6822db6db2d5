using Retort.Training;

namespace Retort.Studies.Fidelity;

/// <summary>
/// How the networks of a study are trained. Their length is a number of steps, so that more data is not more training.
/// </summary>
public sealed record StudyTraining
{
    /// <summary>Steps in all.</summary>
    [AtLeast(1)] public int Steps { get; init; } = 3000;

    /// <summary>Examples in a step.</summary>
    [AtLeast(1)] public int BatchSize { get; init; } = 64;

    /// <summary>The highest learning rate; the scheduler multiplies it by a factor from 0 to 1.</summary>
    [Positive] public double LearningRate { get; init; } = 0.05;

    /// <summary>The optimizer.</summary>
    public OptimizerOptions Optimizer { get; init; } = new SgdOptions { Nesterov = true, WeightDecay = 1e-4 };

    /// <summary>The learning-rate scheduler; by default .05 falls to 1e-6.</summary>
    public SchedulerOptions Scheduler { get; init; } = new CosineSchedulerOptions { Final = 2e-5 };

    /// <summary>
    /// The largest norm of the gradient; unset: no limit. τ² makes the first gradients up to τ times as large, and
    /// networks without normalization can then stop learning.
    /// </summary>
    [Positive] public double? MaxGradientNorm { get; init; }

    internal TrainingOptions Options => new()
    {
        BatchSize = BatchSize,
        LearningRate = LearningRate,
        Optimizer = Optimizer,
        Scheduler = Scheduler,
        MaxGradientNorm = MaxGradientNorm ?? 0,
    };
}
