namespace Retort.Runtime.Features.Audio;

/// <summary>
/// Changes a sampling rate by band-limited interpolation: a sinc of 64 zero crossings under a Kaiser window, with the
/// parameters that resampy and librosa call <c>kaiser_best</c>. Sound may come in chunks of any length; the result is
/// the same as of the whole.
/// </summary>
/// <remarks>J. O. Smith, Digital Audio Resampling, https://ccrma.stanford.edu/~jos/resample/.</remarks>
public sealed class Resampler
{
    const int ZeroCrossings = 64;
    const double Rolloff = 0.9475937167399596;                             // the cutoff as a share of the Nyquist rate
    const double Beta = 14.769656459379492;                                // of the Kaiser window
    const int MaxWeights = 4_000_000;                                      // that are kept

    readonly long _step;                                                   // output i is at input i · step / phases
    readonly long _phases;
    readonly double _scale;                                                // output rate / input rate, at most 1
    readonly int _reach;                                                   // inputs on each side of an output
    readonly float[]?[] _weights;                                          // of each phase
    readonly List<float> _inputs = [];                                     // those that are still needed
    long _first;                                                           // the position of the first of them
    long _next;                                                            // the position of the next output
    bool _isComplete;

    /// <summary>Makes a resampler for one stream.</summary>
    /// <param name="from">The sampling rate of the input, in Hz.</param>
    /// <param name="to">That of the output.</param>
    public Resampler(int from, int to)
    {
        Check(from, nameof(from));
        Check(to, nameof(to));
        var divisor = GreatestCommonDivisor(from, to);
        (_step, _phases) = (from / divisor, to / divisor);
        _scale = Math.Min(1, (double)to / from);
        _reach = (int)Math.Ceiling(ZeroCrossings / _scale);
        _weights = new float[Math.Min(_phases, MaxWeights / (2 * _reach))][];

        static void Check(int rate, string name)
        {
            if (rate is < AudioClip.MinSampleRate or > AudioClip.MaxSampleRate)
                throw new ArgumentOutOfRangeException(name, null, Invariant(
                    $"A sampling rate must be from {AudioClip.MinSampleRate} to {AudioClip.MaxSampleRate} Hz; ")
                    + Invariant($"it is {rate}."));
        }
    }

    /// <summary>Changes the sampling rate of a whole sound. Its length is rounded up.</summary>
    /// <param name="samples">The sound, of one channel.</param>
    /// <param name="from">Its sampling rate, in Hz.</param>
    /// <param name="to">The new one.</param>
    /// <exception cref="InvalidDataException">The result would be too long.</exception>
    public static float[] Resample(float[] samples, int from, int to)
    {
        if (from == to) return samples;

        var length = ((long)samples.Length * to + from - 1) / from;
        if (length > AudioClip.MaxSamples) throw new InvalidDataException(Invariant(
            $"Sound of {samples.Length} samples at {from} Hz would have {length} at {to} Hz; ")
            + Invariant($"{AudioClip.MaxSamples} at most are made."));

        var resampler = new Resampler(from, to);
        return [.. resampler.Add(samples), .. resampler.Complete()];
    }

    /// <summary>Takes the next samples, and returns the outputs that depend on no later ones.</summary>
    /// <exception cref="InvalidOperationException">The stream is over.</exception>
    public float[] Add(ReadOnlySpan<float> samples)
    {
        CheckOpen();
        _inputs.AddRange(samples);
        var end = _first + _inputs.Count;
        if (_step == _phases) return Take(end);

        var known = end - _reach;                                          // outputs before this time are known
        return Take(known <= 0 ? _next : (known * _phases - 1) / _step + 1);
    }

    /// <summary>Returns the last outputs. The stream is over then.</summary>
    /// <exception cref="InvalidOperationException">It was over already.</exception>
    public float[] Complete()
    {
        CheckOpen();
        _isComplete = true;
        var end = _first + _inputs.Count;
        return Take((end * _phases + _step - 1) / _step);
    }

    void CheckOpen()
    {
        if (_isComplete) throw new InvalidOperationException(
            "The stream of this Resampler is over: make another one for other sound.");
    }

    // outputs up to a position
    float[] Take(long end)
    {
        if (end <= _next) return [];

        var outputs = new float[end - _next];
        for (var i = 0; i < outputs.Length; i++) outputs[i] = At(_next + i);
        _next = end;

        // what no later output reads
        var unread = (int)Math.Clamp(_next * _step / _phases - _reach - _first, 0, _inputs.Count);
        _inputs.RemoveRange(0, unread);
        _first += unread;
        return outputs;
    }

    float At(long output)
    {
        var (whole, phase) = Math.DivRem(output * _step, _phases);
        if (_step == _phases) return _inputs[(int)(whole - _first)];

        // weights[k] belongs to the input at whole − reach + 1 + k; there is silence before and after the sound
        var weights = WeightsOf(phase);
        var first = whole - _reach + 1 - _first;
        var from = (int)Math.Max(0, -first);
        var to = (int)Math.Min(weights.Length, _inputs.Count - first);
        var sum = 0.0;
        for (var k = from; k < to; k++) sum += (double)weights[k] * _inputs[(int)(first + k)];
        return (float)sum;
    }

    float[] WeightsOf(long phase)
    {
        if (phase >= _weights.Length) return Make(phase);
        return _weights[phase] ??= Make(phase);

        float[] Make(long phase)
        {
            var weights = new float[2 * _reach];
            for (var k = 0; k < weights.Length; k++)
                weights[k] = (float)Weight((double)phase / _phases + _reach - 1 - k);
            return weights;
        }
    }

    // of an input at a distance, in input samples
    double Weight(double distance)
    {
        var x = distance * _scale;
        var edge = x / ZeroCrossings;
        return Math.Abs(edge) >= 1 ? 0
            : _scale * Rolloff * Sinc(Rolloff * x) * BesselI0(Beta * Math.Sqrt(1 - edge * edge)) / BesselI0(Beta);
    }

    static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);

    // the modified Bessel function of order 0, by its series
    static double BesselI0(double x)
    {
        var (sum, term) = (1.0, 1.0);
        for (var k = 1; term > 1e-17 * sum; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }
        return sum;
    }

    static int GreatestCommonDivisor(int a, int b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);
}
