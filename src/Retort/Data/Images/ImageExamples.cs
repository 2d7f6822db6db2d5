using System.Security.Cryptography;
using Retort.Runtime.Features;

namespace Retort.Data.Images;

/// <summary>Images in memory as the bytes that were read; they are normalized when a batch is loaded.</summary>
public sealed class ImageExamples(ImageSize canvas, IReadOnlyList<byte[]> pixels, double scale = 255) : NumericExamples
{
    readonly byte[][] _pixels = [.. pixels];             // each [C, H, W]

    public override string Input => InputNames.PixelValues;
    public override ImageSize Size => canvas;
    public override double? White => scale;

    public override Normalization Measure(ReadOnlySpan<int> rows)
    {
        var histogram = new long[canvas.Channels * 256];
        foreach (var row in rows)
            for (var c = 0; c < canvas.Channels; c++)
                foreach (var value in _pixels[row].AsSpan(c * canvas.Area, canvas.Area)) histogram[c * 256 + value]++;

        var mean = new double[canvas.Channels];
        var deviation = new double[canvas.Channels];
        for (var c = 0; c < canvas.Channels; c++)
            (mean[c], deviation[c]) = Moments(histogram.AsSpan(c * 256, 256));
        return new(scale, mean, deviation);
    }

    public override float[] Constants(Normalization normalization)
    {
        var table = new float[canvas.Channels * 256];    // [C, 256]: the normalized value of each byte
        for (var i = 0; i < table.Length; i++)
        {
            var (channel, value) = (i / 256, i % 256);
            var centered = value / normalization.Scale - normalization.Mean[channel];
            table[i] = (float)(centered / normalization.StandardDeviation[channel]);
        }
        return table;
    }

    public override void Fill(int row, ReadOnlySpan<float> constants, Span<float> into)
    {
        for (var c = 0; c < canvas.Channels; c++)
        {
            var table = constants.Slice(c * 256, 256);
            var from = _pixels[row].AsSpan(c * canvas.Area, canvas.Area);
            var to = into.Slice(c * canvas.Area, canvas.Area);
            for (var i = 0; i < from.Length; i++) to[i] = table[from[i]];
        }
    }

    public override float[] Shade(ReadOnlySpan<float> constants, bool white)
    {
        var shade = new float[canvas.Channels];
        for (var c = 0; c < shade.Length; c++)
        {
            var black = constants[c * 256];
            var step = constants[c * 256 + 1] - black;
            shade[c] = white ? (float)(black + scale * step) : black;
        }
        return shade;
    }

    public override void AppendTo(IncrementalHash hash)
    {
        foreach (var image in _pixels) hash.AppendData(image);
    }

    /// <summary>The image's bytes in the order height, width, channel, on a scale from 0 to 255.</summary>
    internal byte[] Interleaved(int row)
    {
        var bytes = new byte[canvas.Count];
        for (var c = 0; c < canvas.Channels; c++)
            for (var i = 0; i < canvas.Area; i++)
            {
                var value = Math.Round(_pixels[row][c * canvas.Area + i] * 255 / scale);
                bytes[i * canvas.Channels + c] = (byte)Math.Min(value, 255);
            }
        return bytes;
    }

    (double Mean, double Deviation) Moments(ReadOnlySpan<long> histogram)
    {
        var (count, sum) = (0L, 0.0);
        for (var i = 0; i < histogram.Length; i++)
        {
            count += histogram[i];
            sum += histogram[i] * (i / scale);
        }
        var (mean, squares) = (sum / count, 0.0);
        for (var i = 0; i < histogram.Length; i++) squares += histogram[i] * Math.Pow(i / scale - mean, 2);
        var deviation = Math.Sqrt(squares / count);
        return (mean, deviation > 0 ? deviation : 1);    // a channel with one value everywhere becomes 0
    }
}

/// <summary>A split whose examples can be shown as images.</summary>
sealed class ImageSplit(ImageExamples images, SplitRows split, DatasetInfo info, SplitValues values)
    : NumericSplit(images, split, info, values), IImageSource
{
    public (int Height, int Width, int Channels, byte[] Bytes) Image(int position) =>
        (images.Size.Height, images.Size.Width, images.Size.Channels, images.Interleaved(Row(position)));
}
