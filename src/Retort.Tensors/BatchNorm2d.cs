namespace Retort.Tensors;

/// <summary>Batch normalization of images. [B, C, H, W] → [B, C, H, W]</summary>
public sealed class BatchNorm2d(long width, double momentum = 0.1, double epsilon = 1e-5)
    : BatchNorm(nameof(BatchNorm2d), rank: 4, otherRank: 4, width, momentum, epsilon);
