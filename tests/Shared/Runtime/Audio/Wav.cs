using System.Buffers.Binary;

namespace Retort.Tests.Runtime.Audio;

/// <summary>WAV files for tests.</summary>
static class Wav
{
    /// <summary>A file with one chunk of format and one of samples.</summary>
    public static byte[] Of(byte[] samples, int bits = 16, int code = 1, uint rate = 8000, int channels = 1) =>
        [.. "RIFF"u8, .. UInt32(36 + samples.Length), .. "WAVE"u8, .. Format(bits, code, rate, channels),
            .. "data"u8, .. UInt32(samples.Length), .. samples];

    /// <summary>The same of numbers as 16-bit integers.</summary>
    public static byte[] Of(params short[] samples) => Of([.. samples.SelectMany(UInt16)]);

    /// <summary>A sine of amplitude ½ with a little noise, as 16-bit integers.</summary>
    public static byte[] Tone(double hertz, double seconds, int rate = 8000, int seed = 1)
    {
        var random = new RandomStream(seed, StreamKey.Data);
        var samples = new byte[2 * (int)Math.Round(seconds * rate)];
        for (var i = 0; i < samples.Length / 2; i++)
        {
            var value = 0.5 * Math.Sin(2 * Math.PI * hertz * i / rate) + 0.01 * random.Normal();
            BinaryPrimitives.WriteInt16LittleEndian(samples.AsSpan(2 * i), (short)(value * 32767));
        }
        return Of(samples, rate: (uint)rate);
    }

    /// <summary>The chunk of format.</summary>
    public static byte[] Format(int bits, int code, uint rate, int channels) =>
    [
        .. "fmt "u8, .. UInt32(16), .. UInt16((short)code), .. UInt16((short)channels), .. UInt32((int)rate),
        .. UInt32((int)rate * channels * bits / 8), .. UInt16((short)(channels * bits / 8)), .. UInt16((short)bits),
    ];

    public static byte[] UInt32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    public static byte[] UInt16(short value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteInt16LittleEndian(bytes, value);
        return bytes;
    }
}
