namespace Retort.Tensors;

/// <remarks>This file: images.</remarks>
public static partial class Functional
{
    /// <summary>
    /// Maps of another size, bicubic with antialiasing, as PyTorch's interpolate computes them. It is not recorded.
    /// [B, C, H, W] → [B, C, rows, columns]
    /// </summary>
    public static Tensor ResizeBicubic(Tensor maps, long rows, long columns) => nn.functional.interpolate(
        maps, size: [rows, columns], mode: InterpolationMode.Bicubic, align_corners: false, antialias: true);
}
