namespace Retort.Runtime.Features;

/// <summary>Resizes images with a triangle filter, as common libraries do for bilinear downsampling.</summary>
/// <remarks>
/// A drawing library's result differs from processor to processor, and with it the fingerprint of the data. This one
/// does not.
/// </remarks>
static class Resize
{
    /// <summary>The centre square of an image as size × size. [C, H, W] → [C, size, size]</summary>
    public static byte[] CenterSquare(byte[] pixels, ImageSize from, int size)
    {
        var side = Math.Min(from.Height, from.Width);
        var top = (from.Height - side) / 2;
        var left = (from.Width - side) / 2;
        var taps = FindTaps(side, size);
        var resized = new byte[from.Channels * size * size];
        for (var c = 0; c < from.Channels; c++)
        {
            var square = pixels.AsSpan(c * from.Area + top * from.Width + left);
            var columns = ResizeRows(square, from.Width, side, taps);       // [size, side], transposed
            var values = ResizeRows(columns, side, taps);                   // [size, size], transposed back
            for (var i = 0; i < values.Length; i++)
                resized[c * values.Length + i] = (byte)Math.Clamp(Math.Floor(values[i] + 0.5), 0, 255);
        }
        return resized;
    }

    /// <summary>
    /// Resizes each row of a square, straight from the bytes, and writes it as a column: a large image is not copied.
    /// [side, side] → [taps, side]
    /// </summary>
    static double[] ResizeRows(
        ReadOnlySpan<byte> square, int stride, int side, (int First, double[] Weights)[] taps)
    {
        var transposed = new double[taps.Length * side];
        for (var row = 0; row < side; row++)
            for (var t = 0; t < taps.Length; t++)
            {
                var (first, weights) = taps[t];
                var start = row * stride + first;
                var sum = 0.0;
                for (var k = 0; k < weights.Length; k++) sum += weights[k] * square[start + k];
                transposed[t * side + row] = sum;
            }
        return transposed;
    }

    /// <summary>Resizes each row and writes it as a column. [rows, width] → [taps, rows]</summary>
    static double[] ResizeRows(double[] values, int width, (int First, double[] Weights)[] taps)
    {
        var rows = values.Length / width;
        var transposed = new double[taps.Length * rows];
        for (var i = 0; i < transposed.Length; i++)
        {
            var (first, weights) = taps[i / rows];
            var start = i % rows * width + first;
            for (var k = 0; k < weights.Length; k++) transposed[i] += weights[k] * values[start + k];
        }
        return transposed;
    }

    /// <summary>
    /// For each pixel of the result, the first pixel of the source that counts, and the weights from there.
    /// </summary>
    static (int First, double[] Weights)[] FindTaps(int from, int to)
    {
        var scale = (double)from / to;
        var radius = Math.Max(scale, 1);
        var taps = new (int, double[])[to];
        for (var i = 0; i < to; i++)
        {
            var center = (i + 0.5) * scale;
            var first = (int)Math.Max(center - radius + 0.5, 0);
            var end = (int)Math.Min(center + radius + 0.5, from);
            var weights = new double[end - first];
            for (var k = 0; k < weights.Length; k++)
                weights[k] = Math.Max(0, 1 - Math.Abs(first + k + 0.5 - center) / radius);
            var sum = weights.Sum();
            for (var k = 0; k < weights.Length; k++) weights[k] /= sum;
            taps[i] = (first, weights);
        }
        return taps;
    }
}
