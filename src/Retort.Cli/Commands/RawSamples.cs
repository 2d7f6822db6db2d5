using System.Buffers.Binary;
using Retort.Runtime.Features.Audio;
using static System.FormattableString;

namespace Retort.Cli.Commands;

/// <summary>Samples of one channel without a header, as a recorder writes them to a pipe.</summary>
/// <param name="SampleRate">Samples a second, in Hz.</param>
/// <param name="IsFloat">Whether they are 32-bit floats; otherwise 16-bit integers. Both are little-endian.</param>
sealed record RawSamples(int SampleRate, bool IsFloat)
{
    const int BufferSize = 16_384;

    /// <summary>Samples as the command line describes them.</summary>
    /// <exception cref="InvalidDataException">There is no such sampling rate.</exception>
    public static RawSamples Of(int sampleRate, bool isFloat) => sampleRate <= AudioClip.MaxSampleRate
        ? new(sampleRate, isFloat) : throw new InvalidDataException(Invariant(
            $"--rate must be from {AudioClip.MinSampleRate} to {AudioClip.MaxSampleRate} Hz; it is {sampleRate}."));

    /// <summary>Reads the samples as they come, from −1 to 1.</summary>
    /// <exception cref="InvalidDataException">
    /// There are none, the last one is cut off, or one is no finite number.
    /// </exception>
    public IEnumerable<float[]> Read(Stream stream)
    {
        var size = IsFloat ? sizeof(float) : sizeof(short);
        var buffer = new byte[BufferSize];
        var total = 0L;
        for (var kept = 0; ;)
        {
            var count = stream.Read(buffer, kept, buffer.Length - kept);
            if (count == 0 && kept > 0) throw new InvalidDataException(Invariant(
                $"The standard input must have whole samples of {size} bytes; {kept} bytes are left at its end."));
            if (count == 0) break;

            count += kept;
            kept = count % size;
            var samples = new float[count / size];
            for (var i = 0; i < samples.Length; i++) samples[i] = Sample(buffer.AsSpan(i * size, size), total + i);
            Array.Copy(buffer, count - kept, buffer, 0, kept);
            total += samples.Length;
            if (samples.Length > 0) yield return samples;
        }
        if (total == 0) throw new InvalidDataException("The standard input must have samples; it is empty.");
    }

    float Sample(ReadOnlySpan<byte> bytes, long position)
    {
        if (!IsFloat) return BinaryPrimitives.ReadInt16LittleEndian(bytes) / 32768f;

        var sample = BinaryPrimitives.ReadSingleLittleEndian(bytes);
        return Math.Abs(sample) <= AudioClip.MaxSample ? sample : throw new InvalidDataException(
            Invariant($"The standard input, sample {position}: samples must be finite numbers of at most 1e9; ")
            + Invariant($"this one is {sample}."));
    }
}
