namespace Retort.Training;

/// <summary>What a training ends with; it lives as long as its trainer.</summary>
public sealed class TrainingResult(Network network, IReadOnlyDictionary<string, Tensor> best, long bestStep)
{
    /// <summary>With the weights of the last step (their average where one is kept).</summary>
    public Network Network => network;

    /// <summary>The weights best on validation, by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Best => best;

    /// <summary>Steps taken by this process: fewer than there are where it went on from a checkpoint.</summary>
    public long Steps { get; init; }

    /// <summary>The step after which they were.</summary>
    public long BestStep => bestStep;
}
