namespace Retort.Tensors;

/// <summary>
/// What random numbers are drawn for. Each use has its own stream, so that one more draw here changes nothing there.
/// </summary>
public enum StreamKey
{
    /// <summary>Initial weights.</summary>
    Weights = 1,

    /// <summary>The order of the examples.</summary>
    Shuffle = 2,

    /// <summary>Shifts, flips, noise.</summary>
    Augmentation = 3,

    /// <summary>Which examples go into which split.</summary>
    Split = 4,

    /// <summary>What the training loop draws, such as dropout.</summary>
    Training = 5,

    /// <summary>Synthetic data of tests and samples.</summary>
    Data = 6,

    /// <summary>Which examples of a batch are mixed, and in what proportion.</summary>
    Mixup = 7,

    /// <summary>What a method draws for a batch.</summary>
    Method = 8,

    /// <summary>What the EMA of a student draws: its own initial weights, and dropout.</summary>
    Ema = 9,

    /// <summary>Which combinations of options a search tries.</summary>
    Search = 10,

    /// <summary>The seed of the second augmented views that a method compares with the first.</summary>
    SecondView = 11,

    /// <summary>Which examples are the first centers of clusters.</summary>
    Clustering = 12,

    /// <summary>What a method draws where its terms are computed on held-out examples.</summary>
    Evaluation = 13,

    /// <summary>The start states of a learner's episodes.</summary>
    Episode = 14,

    /// <summary>What a learner adds to its actions.</summary>
    Exploration = 15,

    /// <summary>Which stored steps a learner is updated with.</summary>
    Replay = 16,
}
