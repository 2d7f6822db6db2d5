namespace Retort.Data;

/// <summary>
/// Brings pictures to one size: the square in the middle, averaged with a triangle as wide as a pixel of the result (as
/// common resizers do). Our own, since a drawing library's result differs from processor to processor, and with it the
/// fingerprint of the data.
/// </summary>
static class Resize
{
    /// <summary>The middle square of a picture as size × size.</summary>
    public static Decoded Square(Decoded picture, int size)
    {
        var canvas = picture.Canvas;
        var side = Math.Min(canvas.Height, canvas.Width);
        var (top, left) = ((canvas.Height - side) / 2, (canvas.Width - side) / 2);
        var taps = Taps(side, size);
        var pixels = new byte[canvas.Channels * size * size];
        var rows = new double[side * size];                                    // squeezed sideways
        for (var c = 0; c < canvas.Channels; c++)
        {
            var from = picture.Pixels.AsSpan(c * canvas.Area, canvas.Area);
            for (var y = 0; y < side; y++)
                for (var x = 0; x < size; x++)
                {
                    var sum = 0.0;
                    for (var k = 0; k < taps[x].Weights.Length; k++)
                        sum += taps[x].Weights[k] * from[(top + y) * canvas.Width + left + taps[x].First + k];
                    rows[y * size + x] = sum;
                }
            for (var y = 0; y < size; y++)
                for (var x = 0; x < size; x++)
                {
                    var sum = 0.0;
                    for (var k = 0; k < taps[y].Weights.Length; k++) sum += taps[y].Weights[k] * rows[(taps[y].First + k) * size + x];
                    pixels[(c * size + y) * size + x] = (byte)Math.Clamp(Math.Floor(sum + 0.5), 0, 255);
                }
        }
        return new(new(canvas.Channels, size, size), pixels);
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
