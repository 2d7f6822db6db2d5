using Retort.Runs;
using Retort.Recipes;
using Retort.Report;
using Retort.Training;

namespace Retort.Studies.Fidelity;

/// <summary>How long, how fast and with what the networks of a study are trained: by steps, so that more data is not more training.</summary>
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

    /// <summary>The longest gradient; any unless given. τ² makes the first ones up to τ times as large, of which networks without normalization die.</summary>
    [Positive] public double? MaxGradientNorm { get; init; }

    internal TrainingOptions Options => new() { BatchSize = BatchSize, LearningRate = LearningRate, Optimizer = Optimizer, Scheduler = Scheduler, MaxGradientNorm = MaxGradientNorm ?? 0 };
}
