using Retort.Runs;
using Retort.Recipes;
using Retort.Report;
using Retort.Training;

namespace Retort.Studies.Fidelity;

/// <summary>
/// Steps, learning rate and optimizer of a study's networks. Length is in steps, so that more data is not more
/// training.
/// </summary>
public sealed record StudyTraining
{
    /// <summary>Steps in all.</summary>
    [AtLeast(1)] public int Steps { get; init; } = 3000;

    /// <summary>Examples a step.</summary>
    [AtLeast(1)] public int BatchSize { get; init; } = 64;

    /// <summary>The highest rate; the schedule goes from there.</summary>
    [Positive] public double LearningRate { get; init; } = 0.05;

    /// <summary>What moves the weights.</summary>
    public OptimizerOptions Optimizer { get; init; } = new SgdOptions { Nesterov = true, WeightDecay = 1e-4 };

    /// <summary>How the rate changes from step to step; .05 goes down to 1e-6 unless told.</summary>
    public SchedulerOptions Scheduler { get; init; } = new CosineSchedulerOptions { Final = 2e-5 };

    /// <summary>
    /// The largest norm of the gradient; unlimited unless given. The factor τ² of the loss makes the first gradients up
    /// to τ times as large, and networks without normalization diverge with them.
    /// </summary>
    [Positive] public double? MaxGradientNorm { get; init; }

    internal TrainingOptions Options =>
        new()
        {
            BatchSize = BatchSize, LearningRate = LearningRate, Optimizer = Optimizer, Scheduler = Scheduler,
            MaxGradientNorm = MaxGradientNorm ?? 0,
        };
}
