namespace Retort.Runtime.Features.Audio;

/// <summary>Decoded sound. Training and a deployed student prepare it with the same code.</summary>
/// <param name="SampleRate">Samples a second of each channel, in Hz.</param>
/// <param name="Channels">The number of channels.</param>
/// <param name="Samples">The channels' samples in turn, from −1 to 1. [frames × channels]</param>
public sealed record AudioClip(int SampleRate, int Channels, float[] Samples)
{
    /// <summary>The lowest sampling rate that is read, in Hz.</summary>
    public const int MinSampleRate = 1_000;

    /// <summary>The highest sampling rate that is read, in Hz.</summary>
    public const int MaxSampleRate = 768_000;

    /// <summary>The largest magnitude of a sample: spectrograms of larger ones would not be finite.</summary>
    public const float MaxSample = 1e9f;

    /// <summary>The default limit for the samples of one file, all channels together: 50 minutes at 48 kHz.</summary>
    public const int MaxSamples = 144_000_000;

    /// <summary>How long the sound is, in seconds.</summary>
    public double Seconds => (double)Samples.Length / Channels / SampleRate;

    /// <summary>The mean of the channels. [frames]</summary>
    public float[] ToMono()
    {
        if (Channels == 1) return Samples;

        var mono = new float[Samples.Length / Channels];
        for (var i = 0; i < mono.Length; i++)
        {
            var sum = 0.0;
            foreach (var sample in Samples.AsSpan(i * Channels, Channels)) sum += sample;
            mono[i] = (float)(sum / Channels);
        }
        return mono;
    }

    /// <summary>The mean of the channels at another sampling rate.</summary>
    public float[] ToMono(int sampleRate) => Resampler.Resample(ToMono(), SampleRate, sampleRate);

    /// <summary>Refuses sound that nothing can be done with.</summary>
    /// <param name="path">The path that the message names.</param>
    /// <exception cref="InvalidDataException">
    /// It has no samples, or one that is no number or so large that a spectrogram of it would have none.
    /// </exception>
    internal AudioClip Checked(string path)
    {
        if (Samples.Length == 0) throw new InvalidDataException($"{path} has no samples.");

        var position = Array.FindIndex(Samples, sample => !(Math.Abs(sample) <= MaxSample));
        if (position >= 0) throw new InvalidDataException(Invariant(
            $"{path}, sample {position / Channels}: samples must be finite numbers of at most 1e9; this one is ")
            + Invariant($"{Samples[position]}."));
        return this;
    }

    /// <summary>Refuses a header that no sound can have.</summary>
    internal static void CheckFormat(string path, long sampleRate, long channels, long samples, int maxSamples)
    {
        if (sampleRate is < MinSampleRate or > MaxSampleRate) throw new InvalidDataException(Invariant(
            $"{path}: the sampling rate must be from {MinSampleRate} to {MaxSampleRate} Hz; it is {sampleRate}."));
        if (channels is < 1 or > 64) throw new InvalidDataException(Invariant(
            $"{path}: the number of channels must be from 1 to 64; it is {channels}."));
        if (samples > maxSamples) throw new InvalidDataException(Invariant(
            $"{path} has {samples} samples; {maxSamples} at most are read."));
    }
}
