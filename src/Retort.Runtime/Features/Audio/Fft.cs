namespace Retort.Runtime.Features.Audio;

/// <summary>The discrete Fourier transform of a power of two of numbers, by Cooley and Tukey's algorithm.</summary>
sealed class Fft
{
    readonly int[] _reversed;                                              // each index with its bits in reverse
    readonly double[] _cosines;                                            // cos(2π i / n)
    readonly double[] _sines;

    public Fft(int size)
    {
        var bits = int.Log2(size);
        _reversed = new int[size];
        for (var i = 1; i < size; i++) _reversed[i] = _reversed[i >> 1] >> 1 | (i & 1) << (bits - 1);
        _cosines = [.. Enumerable.Range(0, size / 2).Select(i => Math.Cos(2 * Math.PI * i / size))];
        _sines = [.. Enumerable.Range(0, size / 2).Select(i => Math.Sin(2 * Math.PI * i / size))];
    }

    /// <summary>Transforms complex numbers in place, Σₜ xₜ e^(−2πi k t / n). [n] each</summary>
    public void Transform(Span<double> real, Span<double> imaginary)
    {
        var size = _reversed.Length;
        for (var i = 0; i < size; i++)
        {
            var j = _reversed[i];
            if (j <= i) continue;

            (real[i], real[j]) = (real[j], real[i]);
            (imaginary[i], imaginary[j]) = (imaginary[j], imaginary[i]);
        }
        for (var half = 1; half < size; half *= 2)
            for (var start = 0; start < size; start += 2 * half)
                for (var k = 0; k < half; k++)
                {
                    var (cosine, sine) = (_cosines[k * (size / 2 / half)], _sines[k * (size / 2 / half)]);
                    var (even, odd) = (start + k, start + k + half);
                    var x = real[odd] * cosine + imaginary[odd] * sine;
                    var y = imaginary[odd] * cosine - real[odd] * sine;
                    (real[odd], imaginary[odd]) = (real[even] - x, imaginary[even] - y);
                    real[even] += x;
                    imaginary[even] += y;
                }
    }
}
