namespace Retort.Tensors;

/// <summary>Batch normalization of vectors or sequences. [B, C] or [B, C, T] → the same shape</summary>
public sealed class BatchNorm1d(long width, double momentum = 0.1, double epsilon = 1e-5)
    : BatchNorm(nameof(BatchNorm1d), rank: 2, otherRank: 3, width, momentum, epsilon);
