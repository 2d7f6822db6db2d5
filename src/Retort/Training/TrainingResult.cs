namespace Retort.Training;

/// <summary>The result of a training; it lives as long as its trainer.</summary>
public sealed class TrainingResult(Network network, IReadOnlyDictionary<string, Tensor> best, long bestStep)
{
    /// <summary>The network with the weights of the last step (their moving average where one is trained).</summary>
    public Network Network => network;

    /// <summary>The weights that were best on validation, by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Best => best;

    /// <summary>The step after which they were best.</summary>
    public long BestStep => bestStep;

    /// <summary>Steps taken by this process: fewer than all where it continued from a checkpoint.</summary>
    public long Steps { get; init; }
}
