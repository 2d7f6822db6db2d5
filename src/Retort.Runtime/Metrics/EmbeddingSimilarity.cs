using System.Numerics.Tensors;

namespace Retort.Runtime.Metrics;

/// <summary>How alike two sets of embeddings of the same examples are.</summary>
public static class EmbeddingSimilarity
{
    /// <summary>The mean cosine of the two vectors of each example. [N, D], [N, D]</summary>
    public static double Cosine(float[] one, float[] other, int width)
    {
        var sum = 0.0;
        for (var at = 0; at < one.Length; at += width)
        {
            var a = one.AsSpan(at, width);
            var b = other.AsSpan(at, width);
            var norms = (double)TensorPrimitives.Norm(a) * TensorPrimitives.Norm(b);
            sum += norms > 0 ? TensorPrimitives.Dot(a, b) / norms : 0;
        }
        return sum / (one.Length / width);
    }

    /// <summary>The mean squared difference over all numbers. [N, D], [N, D]</summary>
    public static double MeanSquaredError(float[] one, float[] other)
    {
        var sum = 0.0;
        for (var i = 0; i < one.Length; i++) sum += Math.Pow((double)one[i] - other[i], 2);
        return sum / one.Length;
    }

    /// <summary>
    /// Linear CKA: ‖YᵀX‖² / (‖XᵀX‖ ‖YᵀY‖) of the centred embeddings, Frobenius norms (Kornblith et al.,
    /// arXiv:1905.00414, eq. 4 and §3). From 0 to 1, for any two widths. [N, D], [N, E]
    /// </summary>
    public static double LinearCka(float[] one, int oneWidth, float[] other, int otherWidth)
    {
        var (x, y) = (Centred(one, oneWidth), Centred(other, otherWidth));
        var norms = Math.Sqrt(SquaredProduct(x, oneWidth, x, oneWidth) * SquaredProduct(y, otherWidth, y, otherWidth));
        return norms > 0 ? SquaredProduct(y, otherWidth, x, oneWidth) / norms : 0;
    }

    static double[] Centred(float[] values, int width)
    {
        var (rows, mean) = (values.Length / width, new double[width]);
        for (var i = 0; i < values.Length; i++) mean[i % width] += values[i] / (double)rows;
        return [.. values.Select((value, i) => value - mean[i % width])];
    }

    // ‖AᵀB‖²: [N, D], [N, E] → the sum of squares of [D, E]
    static double SquaredProduct(double[] a, int aWidth, double[] b, int bWidth)
    {
        var (rows, product) = (a.Length / aWidth, new double[aWidth * bWidth]);
        for (var n = 0; n < rows; n++)
            for (var d = 0; d < aWidth; d++)
                TensorPrimitives.MultiplyAdd(b.AsSpan(n * bWidth, bWidth), a[n * aWidth + d],
                    product.AsSpan(d * bWidth, bWidth), product.AsSpan(d * bWidth, bWidth));
        return TensorPrimitives.SumOfSquares(product);
    }
}
