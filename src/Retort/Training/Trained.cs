namespace Retort.Training;

/// <summary>What a training ends with; it lives as long as its trainer.</summary>
/// <param name="Network">With the weights of the last step (their average where one is kept).</param>
/// <param name="Best">The weights best on validation, by name.</param>
/// <param name="BestStep">The step after which they were.</param>
public sealed record Trained(Network Network, IReadOnlyDictionary<string, Tensor> Best, long BestStep);
