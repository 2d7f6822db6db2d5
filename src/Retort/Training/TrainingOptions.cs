namespace Retort.Training;

/// <summary>How a network is trained: epochs, batch size, optimizer, scheduler and precision.</summary>
public sealed record TrainingOptions
{
    /// <summary>Passes over the data; an epoch has N / batch steps, rounded down, at least 1.</summary>
    [AtLeast(1)] public int Epochs { get; init; } = 10;

    /// <summary>Examples in a step.</summary>
    [AtLeast(1)] public int BatchSize { get; init; } = 64;

    /// <summary>
    /// The highest learning rate; the scheduler multiplies it by a factor from 0 to 1. The default is the best of the
    /// measured ones for SGD with the default <see cref="MaxGradientNorm"/> (docs/defaults.md); Adam and AdamW want a
    /// hundredth of it.
    /// </summary>
    [Positive] public double LearningRate { get; init; } = 0.1;

    /// <summary>The optimizer.</summary>
    public OptimizerOptions Optimizer { get; init; } = new SgdOptions();

    /// <summary>The learning-rate scheduler.</summary>
    public SchedulerOptions Scheduler { get; init; } = new CosineSchedulerOptions();

    /// <summary>
    /// The largest norm of the gradient of all parameters together; larger ones are clipped. 0: no limit.
    /// </summary>
    [NotNegative] public double MaxGradientNorm { get; init; } = 1;

    /// <summary>
    /// The share of the weights' moving average that is kept at each step; the average is validated and saved instead
    /// of the weights. Unset: no average.
    /// </summary>
    [LessThanOne] public double? EmaDecay { get; init; }

    /// <summary>
    /// Which weights are saved and scored, of students and teachers; scores of the last epoch are marked as such.
    /// </summary>
    public SelectedWeights SelectWeights { get; init; } = SelectedWeights.Best;

    /// <summary>The precision of products in training; weights, losses and validation are always float32.</summary>
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Float32;

    /// <summary>
    /// The least number of seconds between two checkpoints: a killed run loses at most as much. It is a time, since an
    /// epoch of a small network takes less time than writing its checkpoint. 0: a checkpoint after each step.
    /// </summary>
    [NotNegative] public double CheckpointSeconds { get; init; } = 10;

    /// <summary>Whether an event file for TensorBoard is written beside <c>metrics.jsonl</c>.</summary>
    public bool Tensorboard { get; init; }

    internal ComputePrecision Arithmetic =>
        Precision == TrainingPrecision.Bfloat16 ? ComputePrecision.BFloat16 : ComputePrecision.Float32;
}
