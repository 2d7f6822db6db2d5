using Retort.Training;

namespace Retort.Studies.Claims;

/// <summary>How long, how fast and with what the networks of a study are trained: by steps, so that more data is not more training.</summary>
public sealed record StudyTraining
{
    /// <summary>Steps in all.</summary>
    public int Steps { get; init => field = Require.Positive(value); } = 3000;

    /// <summary>Examples a step.</summary>
    public int Batch { get; init => field = Require.Positive(value); } = 64;

    /// <summary>The highest rate; the schedule goes from there.</summary>
    public double LearningRate { get; init => field = Require.Positive(value); } = 0.05;

    /// <summary>What moves the weights.</summary>
    public OptimizerOptions Optimizer { get; init; } = new SgdOptions { Nesterov = true, WeightDecay = 1e-4 };

    /// <summary>How the rate changes from step to step; .05 goes down to 1e-6 unless told.</summary>
    public ScheduleOptions Schedule { get; init; } = new CosineOptions { Final = 2e-5 };

    /// <summary>The longest gradient; any unless given. τ² makes the first ones up to τ times as large, of which networks without normalisation die.</summary>
    public double? Clip { get; init => field = value is { } length ? Require.Positive(length) : null; }

    internal TrainingOptions Options => new() { Batch = Batch, LearningRate = LearningRate, Optimizer = Optimizer, Schedule = Schedule, Clip = Clip ?? 0 };
}
