using Retort.Runtime.Features.Audio;

namespace Retort.Tests.Runtime.Audio;

/// <summary>Sound files: what is read of each format, and what is refused.</summary>
public sealed class AudioFileTests
{
    [Fact]
    public void Integers_and_floats_of_all_sizes_are_from_minus_one_to_one()
    {
        Assert.Equal([-1, 0, 0.5f], Samples([0, 128, 192], 8));
        Assert.Equal([-1, 0.5f], Samples([0x00, 0x80, 0x00, 0x40], 16));
        Assert.Equal([-1, 0.5f], Samples([0, 0, 0x80, 0, 0, 0x40], 24));
        Assert.Equal([-1, 0.5f], Samples([0, 0, 0, 0x80, 0, 0, 0, 0x40], 32));
        Assert.Equal([0.25f], Samples(BitConverter.GetBytes(0.25f), 32, code: 3));
        Assert.Equal([0.25f], Samples(BitConverter.GetBytes(0.25), 64, code: 3));
    }

    [Fact] // the ends of ITU-T G.711's tables, and the smallest steps
    public void Telephone_sound_is_read_by_the_tables_of_A_law_and_mu_law()
    {
        Assert.Equal([-32256, -8, 8, 32256, -5504, 848], Numbers([0x2A, 0x55, 0xD5, 0xAA, 0x00, 0xFF], code: 6));
        Assert.Equal([-32124, 0, 32124, 0, 120, -8], Numbers([0x00, 0x7F, 0x80, 0xFF, 0xF0, 0x7E], code: 7));

        static IEnumerable<int> Numbers(byte[] codes, int code) =>
            Samples(codes, 8, code).Select(sample => (int)(sample * 32768));
    }

    [Fact]
    public void Channels_are_averaged()
    {
        var clip = AudioFile.Read(Wav.Of([0, 128, 192, 64], bits: 8, channels: 2, rate: 48_000), "a.wav");
        Assert.Equal((48_000, 2), (clip.SampleRate, clip.Channels));
        Assert.Equal([-0.5f, 0], clip.ToMono());
        Assert.Equal(2 / 48_000.0, clip.Seconds, 12);
    }

    [Fact]
    public void Other_chunks_and_a_size_that_a_pipe_did_not_know_are_passed_over()
    {
        byte[] file =
        [
            .. "RIFF"u8, .. Wav.UInt32(-1), .. "WAVE"u8, .. "LIST"u8, .. Wav.UInt32(3), 1, 2, 3, 0,
            .. Wav.Format(8, 1, 8000, 1), .. "data"u8, .. Wav.UInt32(-1), 192,
        ];
        Assert.Equal([0.5f], AudioFile.Read(file, "a.wav").Samples);
    }

    [Fact]
    public void An_extensible_format_names_its_code_later()
    {
        var plain = Wav.Format(16, 0xFFFE, 8000, 1);
        byte[] file =
        [
            .. "RIFF"u8, .. Wav.UInt32(0), .. "WAVE"u8, .. "fmt "u8, .. Wav.UInt32(40), .. plain[8..],
            .. Wav.UInt16(22), .. Wav.UInt16(16), .. Wav.UInt32(4), 1, .. new byte[15],
            .. "data"u8, .. Wav.UInt32(2), 0, 0x40,
        ];
        Assert.Equal([0.5f], AudioFile.Read(file, "a.wav").Samples);
    }

    [Theory]
    [InlineData("^a.wav is cut off: a part of it states 4 bytes, and 3 follow.$", -1)]
    [InlineData("^a.wav is cut off: it ends before its samples.$", -5)]
    [InlineData("^a.wav is cut off: a part of it states 16 bytes, and 12 follow.$", -16)]
    [InlineData("^a.wav is cut off: it ends before its samples.$", -32)]
    public void A_file_that_is_cut_off_is_refused(string message, int end) =>
        Assert.Matches(message, Refusal(Wav.Of(1, 2)[..^-end]));

    [Fact]
    public void Every_beginning_of_a_file_is_refused_with_a_sentence()
    {
        var file = Wav.Of(1, 2, 3, 4);
        for (var length = 12; length < file.Length; length++) Assert.StartsWith("a.wav ", Refusal(file[..length]));
    }

    [Theory]
    [InlineData(16, 1, 0u, 1, "^a.wav: the sampling rate must be from 1000 to 768000 Hz; it is 0.$")]
    [InlineData(16, 1, 1_000_000_000u, 1, "^a.wav: the sampling rate must be from 1000 to 768000 Hz; it is 1000000000")]
    [InlineData(16, 1, 8000u, 0, "^a.wav: the number of channels must be from 1 to 64; it is 0.$")]
    [InlineData(16, 1, 8000u, 3, "^a.wav is cut off: its 4 bytes of samples are no whole number of 3 channels")]
    [InlineData(4, 2, 8000u, 1, "^a.wav has samples of format 2 with 4 bits; integers of 8, 16, 24 and 32 bits")]
    [InlineData(16, 7, 8000u, 1, "^a.wav has samples of format 7 with 16 bits")]
    [InlineData(12, 1, 8000u, 1, "^a.wav has samples of format 1 with 12 bits")]
    public void A_format_that_is_not_read_is_refused(int bits, int code, uint rate, int channels, string message) =>
        Assert.Matches(message, Refusal(Wav.Of([1, 2, 3, 4], bits, code, rate, channels)));

    [Fact]
    public void No_samples_and_samples_that_are_no_numbers_are_refused()
    {
        Assert.Equal("a.wav has no samples.", Refusal(Wav.Of(Array.Empty<short>())));
        Assert.Equal("a.wav is empty.", Refusal([]));
        byte[] samples = [.. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(float.NaN)];
        const string text = "a.wav, sample 1: samples must be finite numbers of at most 1e9; this one is ";
        Assert.Equal($"{text}NaN.", Refusal(Wav.Of(samples, 32, 3)));
        BitConverter.GetBytes(float.MinValue).CopyTo(samples, 4);
        Assert.Equal($"{text}-3.4028235E+38.", Refusal(Wav.Of(samples, 32, 3)));
        Assert.Equal(
            "a.wav has 2 samples; 1 at most are read.",
            Assert.Throws<InvalidDataException>(() => AudioFile.Read(Wav.Of(1, 2), "a.wav", maxSamples: 1)).Message);
    }

    [Fact]
    public void A_file_that_is_no_sound_is_refused()
    {
        var message = Refusal("hello, this is text"u8.ToArray());
        Assert.Matches(
            AudioFile.HasLibrary ? "^a.wav is no sound that libsndfile reads: " : "^a.wav is no WAV file; .* apt-get ",
            message);
    }

    static string Refusal(byte[] content) =>
        Assert.Throws<InvalidDataException>(() => AudioFile.Read(content, "a.wav")).Message;

    static float[] Samples(byte[] samples, int bits, int code = 1) =>
        AudioFile.Read(Wav.Of(samples, bits, code), "a.wav").Samples;
}
