using System.Diagnostics.CodeAnalysis;

namespace Retort.Training;

/// <summary>How long, how fast and with what a network is trained.</summary>
public sealed record TrainingOptions
{
    /// <summary>How often the data is gone through; an epoch is N / batch steps, rounded down, at least 1.</summary>
    [AtLeast(1)] public int Epochs { get; init; } = 10;

    /// <summary>Examples a step.</summary>
    [AtLeast(1)] public int BatchSize { get; init; } = 64;

    /// <summary>The highest rate; the schedule goes from there.</summary>
    [Positive] public double LearningRate { get; init; } = 0.05;

    /// <summary>What moves the weights.</summary>
    public OptimizerOptions Optimizer { get; init; } = new SgdOptions();

    /// <summary>How the rate changes from step to step.</summary>
    public SchedulerOptions Scheduler { get; init; } = new CosineSchedulerOptions();

    /// <summary>The longest gradient of all parameters together (Euclidean); longer ones are shortened to it. 0: any.</summary>
    [NotNegative] public double MaxGradientNorm { get; init; }

    /// <summary>
    /// How much of the moving average of the weights stays at each step; the average is what is looked at on validation
    /// and handed out. None: the weights themselves are.
    /// </summary>
    [Below1] public double? EmaDecay { get; init; }

    /// <summary>Which weights are handed out: students, teachers and every figure that is not said to be of the last epoch.</summary>
    public SelectedWeights SelectWeights { get; init; } = SelectedWeights.Best;

    /// <summary>What the products of training are computed in; weights, losses and every look at validation are float32.</summary>
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Float32;

    /// <summary>
    /// At least so many seconds between two checkpoints: what a killed run loses at most. By time, since the epoch of a
    /// small network is over sooner than its checkpoint is written. 0: one after each step.
    /// </summary>
    [NotNegative] public double CheckpointSeconds { get; init; } = 10;

    /// <summary>Whether a file of events for TensorBoard is kept beside <c>metrics.jsonl</c>.</summary>
    public bool Tensorboard { get; init; }

    internal ComputePrecision Arithmetic => Precision == TrainingPrecision.Bfloat16 ? ComputePrecision.BFloat16 : ComputePrecision.Float32;
}

/// <summary>Which weights of a training are handed out.</summary>
public enum SelectedWeights
{
    /// <summary>Those best on validation: highest accuracy, of equals the lower NLL, then the earlier.</summary>
    Best,

    /// <summary>Those of the last step: for studies of what long training does, where validation would choose different lengths.</summary>
    Last,
}

/// <summary>What products are computed in.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "The formats' own names, as a recipe has them.")]
public enum TrainingPrecision
{
    /// <summary>32 bits.</summary>
    Float32,

    /// <summary>Faster for large networks on processors with avx512_bf16 or AMX, slower for small ones.</summary>
    Bfloat16,
}
