namespace Retort.Runtime.Features;

/// <summary>
/// Brings pictures to one size: the square in the middle, averaged with a triangle as wide as a pixel of the result (as
/// common resizers do). Our own, since a drawing library's result differs from processor to processor, and with it the
/// fingerprint of the data.
/// </summary>
static class Resize
{
    /// <summary>The middle square of a picture as size × size.</summary>
    public static Image Square(Image picture, int size)
    {
        var canvas = picture.Size;
        var side = Math.Min(canvas.Height, canvas.Width);
        var (top, left) = ((canvas.Height - side) / 2, (canvas.Width - side) / 2);
        var taps = Taps(side, size);
        var pixels = new byte[canvas.Channels * size * size];
        for (var c = 0; c < canvas.Channels; c++)
        {
            var narrow = Narrow(picture.Pixels.AsSpan(c * canvas.Area + top * canvas.Width + left), canvas.Width, side, taps);
            var small = Turned(narrow, side, taps);                            // [size, size]: upright again
            for (var i = 0; i < small.Length; i++) pixels[c * small.Length + i] = (byte)Math.Clamp(Math.Floor(small[i] + 0.5), 0, 255);
        }
        return new(new(canvas.Channels, size, size), pixels);
    }

    /// <summary>
    /// Each of the square's rows squeezed, straight from the bytes, and written as a column: of a large picture no copy is
    /// made. → [taps, side]
    /// </summary>
    static double[] Narrow(ReadOnlySpan<byte> from, int stride, int side, (int First, double[] Weights)[] taps)
    {
        var turned = new double[taps.Length * side];
        for (var row = 0; row < side; row++)
            for (var t = 0; t < taps.Length; t++)
            {
                var (first, weights) = taps[t];
                var (at, sum) = (row * stride + first, 0.0);
                for (var k = 0; k < weights.Length; k++) sum += weights[k] * from[at + k];
                turned[t * side + row] = sum;
            }
        return turned;
    }

    /// <summary>Each row squeezed and written as a column. [rows, width] → [taps, rows]</summary>
    static double[] Turned(double[] values, int width, (int First, double[] Weights)[] taps)
    {
        var rows = values.Length / width;
        var turned = new double[taps.Length * rows];
        for (var i = 0; i < turned.Length; i++)
        {
            var (first, weights) = taps[i / rows];
            var at = i % rows * width + first;
            for (var k = 0; k < weights.Length; k++) turned[i] += weights[k] * values[at + k];
        }
        return turned;
    }

    /// <summary>Which pixels of the source make each pixel of the result, and what they count for.</summary>
    static (int First, double[] Weights)[] Taps(int from, int to)
    {
        var scale = (double)from / to;
        var reach = Math.Max(scale, 1);
        var taps = new (int, double[])[to];
        for (var i = 0; i < to; i++)
        {
            var centre = (i + 0.5) * scale;
            var (first, end) = ((int)Math.Max(centre - reach + 0.5, 0), (int)Math.Min(centre + reach + 0.5, from));
            var weights = new double[end - first];
            for (var k = 0; k < weights.Length; k++) weights[k] = Math.Max(0, 1 - Math.Abs(first + k + 0.5 - centre) / reach);
            var sum = weights.Sum();
            for (var k = 0; k < weights.Length; k++) weights[k] /= sum;
            taps[i] = (first, weights);
        }
        return taps;
    }
}
