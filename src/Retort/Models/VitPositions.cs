using static TorchSharp.torch;

namespace Retort.Models;

/// <summary>Position embeddings of images of another size.</summary>
static class VitPositions
{
    /// <summary>
    /// The position embedding for another grid of patches; that of the class token stays. [1, 1 + N, D] →
    /// [1, 1 + rows · columns, D]
    /// </summary>
    /// <param name="positions">The embedding of a square grid.</param>
    /// <param name="grid">The rows and columns of patches.</param>
    /// <param name="source">The file, for messages.</param>
    /// <remarks>
    /// What is no position embedding is returned as it is, and so is one of as many patches: loading checks the shape.
    /// </remarks>
    public static Tensor Resize(Tensor positions, (long Rows, long Columns) grid, string source)
    {
        var (rows, columns) = grid;
        var isEmbedding = positions.dim() == 3 && positions.shape[0] == 1 && positions.shape[2] > 0;
        if (!isEmbedding || positions.shape[1] == 1 + rows * columns) return positions;

        var count = positions.shape[1] - 1;
        var side = (long)Math.Sqrt(count);
        if (count < 1 || side * side != count) throw new InvalidDataException(
            Invariant($"{source} has position embeddings of {count} patches, which are no square: they cannot be ")
            + Invariant($"interpolated to {rows} x {columns}."));

        using var noGrad = no_grad();
        var map = positions.slice(1, 1, count + 1, 1).to(ScalarType.Float32)
            .reshape(1, side, side, -1).permute(0, 3, 1, 2);                // [1, D, side, side]
        var resized = ResizeBicubic(map, rows, columns);                    // [1, D, rows, columns]
        var patches = resized.permute(0, 2, 3, 1).reshape(1, rows * columns, -1);
        return cat([positions.slice(1, 0, 1, 1).to(ScalarType.Float32), patches], 1);
    }
}
