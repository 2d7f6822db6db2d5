namespace Retort.Runtime.Features.Audio;

/// <summary>The constants of a log-mel spectrogram: the Hann window and the mel filters.</summary>
static class MelFilters
{
    /// <summary>The periodic Hann window. [size]</summary>
    public static double[] Hann(int size) =>
        [.. Enumerable.Range(0, size).Select(i => 0.5 - 0.5 * Math.Cos(2 * Math.PI * i / size))];

    /// <summary>
    /// Triangular filters between equidistant points of the HTK mel scale, each of area 1 in Hz. [mel bins, FFT bins]
    /// </summary>
    public static double[][] Of(MelOptions options)
    {
        var edges = Edges(options);
        return [.. Enumerable.Range(0, options.MelBins).Select(Filter)];

        double[] Filter(int bin)
        {
            var (left, centre, right) = (edges[bin], edges[bin + 1], edges[bin + 2]);
            var weights = new double[options.FftSize / 2 + 1];
            for (var i = 0; i < weights.Length; i++)
            {
                var frequency = (double)i * options.SampleRate / options.FftSize;
                var height = Math.Min((frequency - left) / (centre - left), (right - frequency) / (right - centre));
                weights[i] = Math.Max(height, 0) * 2 / (right - left);
            }
            return weights;
        }
    }

    /// <summary>The filters' edges and centres, from 0 Hz to half the sampling rate. [mel bins + 2]</summary>
    public static double[] Edges(MelOptions options)
    {
        var top = Mel(options.SampleRate / 2.0);
        return [.. Enumerable.Range(0, options.MelBins + 2).Select(i => Hertz(top * i / (options.MelBins + 1)))];
    }

    /// <summary>The HTK mel scale.</summary>
    public static double Mel(double hertz) => 2595 * Math.Log10(1 + hertz / 700);

    static double Hertz(double mel) => 700 * (Math.Pow(10, mel / 2595) - 1);
}
