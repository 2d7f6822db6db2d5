namespace Retort.Training;

/// <summary>How long, how fast and with what a network is trained.</summary>
public sealed record TrainingOptions
{
    /// <summary>How often the data is gone through; an epoch is N / batch steps, rounded down, at least 1.</summary>
    public int Epochs { get; init => field = Require.Positive(value); } = 10;

    /// <summary>Examples a step.</summary>
    public int Batch { get; init => field = Require.Positive(value); } = 64;

    /// <summary>The highest rate; the schedule goes from there.</summary>
    public double LearningRate { get; init => field = Require.Positive(value); } = 0.05;

    /// <summary>What moves the weights.</summary>
    public OptimizerOptions Optimizer { get; init; } = new SgdOptions();

    /// <summary>How the rate changes from step to step.</summary>
    public ScheduleOptions Schedule { get; init; } = new CosineOptions();

    /// <summary>The longest gradient of all parameters together (Euclidean); longer ones are shortened to it. 0: any.</summary>
    public double Clip { get; init => field = Require.NotNegative(value); }

    /// <summary>Steps between two checkpoints; the end of each epoch has one in any case.</summary>
    public int CheckpointEvery { get; init => field = Require.Positive(value); } = 500;
}
