using System.Buffers.Binary;

namespace Retort.Runtime.Features.Audio;

/// <summary>
/// Reads RIFF WAV: integers of 8, 16, 24 and 32 bits, floats of 32 and 64, and the A-law and µ-law of telephones (ITU-T
/// G.711), as plain or extensible format.
/// </summary>
static class WavReader
{
    const int Integer = 1;
    const int Float = 3;
    const int ALaw = 6;
    const int MuLaw = 7;
    const int Extensible = 0xFFFE;
    const uint FromUnknownSize = 0x7FFF_0000;                              // programs that write to a pipe state this

    /// <summary>Whether the content begins as a WAV file does.</summary>
    public static bool IsWav(ReadOnlySpan<byte> content) =>
        content.Length >= 12 && content[..4].SequenceEqual("RIFF"u8) && content[8..12].SequenceEqual("WAVE"u8);

    /// <summary>Decodes a WAV file.</summary>
    /// <exception cref="InvalidDataException">It is damaged or cut off, or of a format that is not read.</exception>
    public static AudioClip Read(ReadOnlySpan<byte> content, string path, int maxSamples)
    {
        Format? format = null;
        for (var at = 12; at + 8 <= content.Length;)
        {
            var size = BinaryPrimitives.ReadUInt32LittleEndian(content[(at + 4)..]);
            var name = content.Slice(at, 4);
            at += 8;
            var left = (uint)(content.Length - at);
            var isData = name.SequenceEqual("data"u8);
            if (size > left)
            {
                if (!isData || size < FromUnknownSize) throw new InvalidDataException(Invariant(
                    $"{path} is cut off: a part of it states {size} bytes, and {left} follow."));
                size = left;
            }
            var chunk = content.Slice(at, (int)size);
            if (name.SequenceEqual("fmt "u8)) format = FormatOf(chunk, path);
            if (isData) return Decode(
                chunk, format ?? throw new InvalidDataException($"{path} has samples before their format."), path,
                maxSamples);

            at = checked(at + (int)Math.Min(size + (size & 1), left));      // chunks begin at even positions
        }
        throw new InvalidDataException($"{path} is cut off: it ends before its samples.");
    }

    static Format FormatOf(ReadOnlySpan<byte> chunk, string path)
    {
        if (chunk.Length < 16) throw new InvalidDataException(Invariant(
            $"{path} is damaged: its format has {chunk.Length} bytes instead of at least 16."));

        int code = BinaryPrimitives.ReadUInt16LittleEndian(chunk);
        if (code == Extensible && chunk.Length >= 26) code = BinaryPrimitives.ReadUInt16LittleEndian(chunk[24..]);
        var format = new Format(
            code,
            BinaryPrimitives.ReadUInt16LittleEndian(chunk[2..]),
            BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]),
            BinaryPrimitives.ReadUInt16LittleEndian(chunk[14..]));
        if ((format.Code, format.Bits) is not ((Integer, 8 or 16 or 24 or 32) or (Float, 32 or 64)
            or (ALaw or MuLaw, 8)))
            throw new InvalidDataException(Invariant(
                $"{path} has samples of format {format.Code} with {format.Bits} bits; integers of 8, 16, 24 and 32 ")
                + "bits (format 1), floats of 32 and 64 (format 3), A-law (6) and µ-law (7) of 8 are read.");
        return format;
    }

    static AudioClip Decode(ReadOnlySpan<byte> data, Format format, string path, int maxSamples)
    {
        var bytes = format.Bits / 8;
        var count = data.Length / bytes;
        AudioClip.CheckFormat(path, format.SampleRate, format.Channels, count, maxSamples);
        if (data.Length % (bytes * format.Channels) != 0) throw new InvalidDataException(Invariant(
            $"{path} is cut off: its {data.Length} bytes of samples are no whole number of {format.Channels} channels ")
            + Invariant($"of {format.Bits} bits."));

        var samples = new float[count];
        for (var i = 0; i < count; i++) samples[i] = Sample(data.Slice(i * bytes, bytes), format.Code);
        return new AudioClip((int)format.SampleRate, format.Channels, samples).Checked(path);
    }

    static float Sample(ReadOnlySpan<byte> bytes, int code) => (code, bytes.Length) switch
    {
        (ALaw, _) => OfALaw(bytes[0]) / 32768f,
        (MuLaw, _) => OfMuLaw(bytes[0]) / 32768f,
        (Integer, 1) => (bytes[0] - 128) / 128f,
        (Integer, 2) => BinaryPrimitives.ReadInt16LittleEndian(bytes) / 32768f,
        (Integer, 3) => (bytes[0] << 8 | bytes[1] << 16 | bytes[2] << 24) / 2147483648f,
        (Integer, _) => BinaryPrimitives.ReadInt32LittleEndian(bytes) / 2147483648f,
        (_, 4) => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        _ => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes),
    };

    // G.711: a sign, three bits of exponent and four of mantissa, with every second bit inverted; as 16 bits
    static int OfALaw(byte code)
    {
        var bits = code ^ 0x55;
        var (exponent, mantissa) = (bits >> 4 & 7, (bits & 15) << 4);
        var magnitude = exponent == 0 ? mantissa + 8 : mantissa + 0x108 << exponent - 1;
        return (bits & 0x80) != 0 ? magnitude : -magnitude;
    }

    // G.711: the same three parts, with every bit inverted and a bias of 132
    static int OfMuLaw(byte code)
    {
        const int bias = 132;
        var bits = ~code;
        var magnitude = (((bits & 15) << 3) + bias << (bits >> 4 & 7)) - bias;
        return (bits & 0x80) != 0 ? -magnitude : magnitude;
    }

    /// <summary>What the chunk <c>fmt</c> states.</summary>
    readonly record struct Format(int Code, int Channels, uint SampleRate, int Bits);
}
