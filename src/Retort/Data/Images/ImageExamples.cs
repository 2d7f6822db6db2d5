using System.Security.Cryptography;
using Retort.Runtime.Features;

namespace Retort.Data.Images;

/// <summary>Pictures in memory as the bytes that were read; they become numbers when a batch is prepared.</summary>
public sealed class ImageExamples(ImageSize canvas, IReadOnlyList<byte[]> pixels, double scale = 255) : Examples
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
        var (mean, deviation) = (new double[canvas.Channels], new double[canvas.Channels]);
        for (var c = 0; c < canvas.Channels; c++) (mean[c], deviation[c]) = Moments(histogram.AsSpan(c * 256, 256));
        return new(scale, mean, deviation);
    }

    public override float[] Constants(Normalization normalization)
    {
        var table = new float[canvas.Channels * 256];    // [C, 256]: a byte's number
        for (var i = 0; i < table.Length; i++)
            table[i] = (float)((i % 256 / normalization.Scale - normalization.Mean[i / 256]) / normalization.StandardDeviation[i / 256]);
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
            var (none, step) = (constants[c * 256], constants[c * 256 + 1] - constants[c * 256]);
            shade[c] = white ? (float)(none + scale * step) : none;
        }
        return shade;
    }

    public override void AppendTo(IncrementalHash hash)
    {
        foreach (var picture in _pixels) hash.AppendData(picture);
    }

    internal override ExampleSplit Part(SplitSpec plan) => new ImageSplit(this, plan);

    /// <summary>Bytes in the order height, width, channel, brought to 0 … 255 where the file's scale is another.</summary>
    internal byte[] Interleaved(int row)
    {
        var bytes = new byte[canvas.Count];
        for (var c = 0; c < canvas.Channels; c++)
            for (var i = 0; i < canvas.Area; i++)
                bytes[i * canvas.Channels + c] = (byte)Math.Min(Math.Round(_pixels[row][c * canvas.Area + i] * 255 / scale), 255);
        return bytes;
    }

    (double Mean, double Deviation) Moments(ReadOnlySpan<long> histogram)
    {
        var (count, sum) = (0L, 0.0);
        for (var i = 0; i < histogram.Length; i++) (count, sum) = (count + histogram[i], sum + histogram[i] * (i / scale));
        var (mean, squares) = (sum / count, 0.0);
        for (var i = 0; i < histogram.Length; i++) squares += histogram[i] * Math.Pow(i / scale - mean, 2);
        var deviation = Math.Sqrt(squares / count);
        return (mean, deviation > 0 ? deviation : 1);    // a channel that is one grey everywhere stays as it is
    }
}

/// <summary>A part that can be shown.</summary>
sealed class ImageSplit(ImageExamples pictures, SplitSpec plan) : ExampleSplit(pictures, plan), IImageSource
{
    public (int Height, int Width, int Channels, byte[] Bytes) Image(int position) =>
        (pictures.Size.Height, pictures.Size.Width, pictures.Size.Channels, pictures.Interleaved(Row(position)));
}
