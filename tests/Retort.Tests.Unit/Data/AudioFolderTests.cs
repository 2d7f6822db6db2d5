using Retort.Data.Audio;
using Retort.Tests.Runtime.Audio;

namespace Retort.Tests.Data;

/// <summary>Sound files as a data set: splits, windows, and what is refused.</summary>
public sealed class AudioFolderTests
{
    [Theory]
    [InlineData("folder")]
    [InlineData(".tar.gz")]
    public void Each_window_of_a_recording_is_an_example(string kind)
    {
        var files = Tones();
        var path = kind == "folder" ? DataFiles.OnDisk(files) : DataFiles.Archive(files, kind, "sounds/");
        var data = new AudioFolderOptions { Path = path, Validation = 2, Test = 2 }.Open();
        Assert.Equal(["high", "low"], data.Info.Classes);
        Assert.Equal("input_features Float32 [N, 1, 64, 50]", data.Info.Inputs[0].ToString(), ignoreCase: true);
        Assert.Equal((1L, 64L, 50L), data.Info.ImageShape);
        // 2 seconds are 3 windows of one second at a hop of half a second; 12 recordings
        Assert.Equal((24, 6, 6), (data.Training.Count, data.Validation.Count, data.Test.Count));
        Assert.Empty(data.Notes);
        Assert.Equal("preprocessor_config.json", Assert.Single(data.StudentFiles).Name);
        Assert.Equal(data.Hash, Options(Tones()).Open().Hash);
    }

    [Fact] // ids are positions, and a recording has three in a row
    public void Windows_of_a_recording_are_never_in_two_splits()
    {
        var data = Options(Tones()).Open();
        List<int> Recordings(IDataSplit split) => [.. All(split).Ids.Select(id => id / 3).Distinct()];
        Assert.Equal(2, Recordings(data.Test).Count);
        Assert.Equal(2, Recordings(data.Validation).Count);
        Assert.Equal(8, Recordings(data.Training).Except(Recordings(data.Test)).Except(Recordings(data.Validation))
            .Count());
    }

    [Fact] // 0 dB is the window's maximum: a low tone has it in a low bin
    public void A_spectrogram_is_normalized_by_the_training_split()
    {
        var data = Options(Tones()).Open();
        var values = All(data.Training).Values;
        Assert.Equal(0, values.Average(), tolerance: 1e-3);
        Assert.Equal(1, Math.Sqrt(values.Average(value => value * value)), tolerance: 1e-3);
        var given = Options(Tones()) with { Normalization = new(1, [0], [1]) };
        var decibels = All(given.Open().Training).Values;
        Assert.Equal(0, decibels.Max());
        Assert.InRange(decibels.Min(), -80, -20);
    }

    [Fact]
    public void A_teacher_may_have_another_sampling_rate_and_spectrogram()
    {
        var options = Options(Tones()) with { TeacherSpectrogram = new() { SampleRate = 16_000, MelBins = 40 } };
        var data = options.Open();
        Assert.Equal([1L, 40L, 100L], data.Info.ForTeacher.Inputs[0].Shape);
        var batch = new HostBatch();
        data.Test.Load([0, 1], View.Plain, batch);
        var own = batch.Float32("input_features", [1, 64, 50]).ToArray();
        var teacher = batch.Float32("input_features", [1, 40, 100], teacher: true).ToArray();
        Assert.Equal((2 * 64 * 50, 2 * 40 * 100), (own.Length, teacher.Length));
        Assert.True(teacher.Max() > teacher.Min());
        Assert.NotEqual(Options(Tones()).Open().Hash, data.Hash);
        Refused(
            options with { Augmentation = [new Retort.Data.Augmentation.NoiseOptions()] },
            "Augmentation must be left out beside \"teacherSpectrogram\"");
    }

    [Theory]
    [InlineData(1, 0.3333, "Hop must be a whole number of samples for the student and for the teacher; 0.3333 s are ")]
    [InlineData(1.00001, 0.5, "1.00001 s are 8000.08 samples at 8000 Hz and 48000.48 at 48000 Hz.")]
    public void Windows_of_a_teacher_that_would_drift_apart_are_refused(double window, double hop, string message)
    {
        var options = Options(Tones()) with { Window = window, Hop = hop };
        Assert.Null(options.Validate());
        var teacher = new SpectrogramOptions { Preset = SpectrogramPreset.OpenL3 };
        Refused(options with { TeacherSpectrogram = teacher }, message);
        Assert.Null((options with { TeacherSpectrogram = teacher with { SampleRate = 8000 } }).Validate());
        Assert.Null((options with { Window = 1, Hop = 0.1, TeacherSpectrogram = teacher }).Validate());
    }

    [Fact]
    public void A_teacher_with_other_windows_is_refused()
    {
        // a hop of 10 samples at 1000 Hz, of 503 at 48000 Hz
        var options = Options(Tones()) with
        {
            Window = 0.1, Hop = 0.01048,
            Spectrogram = new() { SampleRate = 1000, FftSize = 64, HopLength = 50, MelBins = 4 },
            TeacherSpectrogram = new() { SampleRate = 48_000, FftSize = 4096, HopLength = 4096, MelBins = 4 },
        };
        var reader = new RecordingReader(options, new(1000));
        var error = Assert.Throws<InvalidDataException>(() => reader.Read([("a", "a", Wav.Tone(300, 2))]));
        Assert.Equal("a must have as many windows for the teacher as for the student, 191; it has 183.", error.Message);
    }

    [Fact]
    public void Folders_of_splits_are_kept()
    {
        var files = Tones().ToDictionary(file => "train/" + file.Key, file => file.Value);
        files["test/low/a.wav"] = Wav.Tone(300, 1);
        files["test/high/a.wav"] = Wav.Tone(3000, 1);
        var data = new AudioFolderOptions { Path = DataFiles.OnDisk(files), Validation = 2 }.Open();
        Assert.Equal((30, 6, 2), (data.Training.Count, data.Validation.Count, data.Test.Count));
    }

    [Fact]
    public void A_recording_that_is_shorter_than_a_window_is_padded_and_the_run_says_so()
    {
        var files = Tones();
        files["low/short.wav"] = Wav.Tone(300, 0.2);
        var data = Options(files).Open();
        Assert.Equal(
            ["1 of 13 recordings are shorter than a window of 1 s and are padded with silence"], data.Notes);
    }

    [Fact]
    public void Centered_windows_are_those_of_OpenL3()
    {
        var data = (Options(Tones()) with { Hop = 0.1, Centered = true }).Open();
        // half a second of silence and two seconds are 16 windows at .1 s
        Assert.Equal(12 * 16, data.Training.Count + data.Validation.Count + data.Test.Count);
    }

    [Fact]
    public void Files_that_are_cut_off_or_empty_or_no_sound_are_refused()
    {
        var tone = Wav.Tone(300, 1);
        Refused(With("low/x.wav", tone[..30]), "x.wav is cut off: ");
        Refused(With("low/x.wav", tone[..^10]), "x.wav is cut off: a part of it states 16000 bytes, and 15990 follow.");
        Refused(With("low/x.wav", []), "x.wav is empty.");
        Refused(With("low/x.wav", Wav.Of(Array.Empty<short>())), "x.wav has no samples.");
        Refused(With("low/x.wav", Wav.Of([0, 0], rate: 0)), "sampling rate must be from 1000 to 768000 Hz; it is 0.");
        Refused(With("low/x.wav", Wav.Of([0, 0], rate: 1_000_000_000)), "768000 Hz; it is 1000000000.");
        Refused(With("low/x.wav", Wav.Of(BitConverter.GetBytes(float.NaN), 32, 3)), "this one is NaN.");
        Refused(With("x.wav", tone), "x.wav must be in a class folder; it is in none.");
    }

    [Fact]
    public void Files_that_are_no_sound_are_counted()
    {
        var files = Tones();
        foreach (var name in new[] { "low/a.txt", "README.md", "b.txt", "low/Thumbs.db", "__MACOSX/c.txt", ".git/d" })
            files[name] = [1];
        var path = DataFiles.OnDisk(files);
        var notes = new AudioFolderOptions { Path = path, Validation = 2, Test = 2 }.Open().Notes;
        Assert.Equal(
            [$"left out, since they are no sound: 1 .md, 2 .txt; the first: {Path.Combine(path, "README.md")}"], notes);
    }

    [Fact]
    public void Sound_that_is_not_read_is_refused()
    {
        Refused(With("low/x.m4a", [1]), "others are 1 .m4a, the first ");
        Refused(With("cat/notes.txt", [1]), ", cat is a class folder without a sound file; each must have one.");
        var files = Tones().ToDictionary(file => "train/" + file.Key, file => file.Value);
        files["test/low/a.wav"] = Wav.Tone(300, 1);
        files["test/high/a.txt"] = [1];
        Refused(
            new() { Path = DataFiles.OnDisk(files) },
            ", test/high is a class folder without a sound file; each must have one.");
    }

    [Fact]
    public void A_folder_without_sound_is_refused() => Refused(
        new AudioFolderOptions { Path = DataFiles.OnDisk(new Dictionary<string, byte[]> { ["a/b.txt"] = [1] }) },
        "must hold sound files (.wav, .flac, .ogg, .mp3, …) in train/CLASS and test/CLASS, or in CLASS; it has none.");

    [Theory]
    [InlineData(2, 1, null, "Hop must be at most \"window\", 1; it is 2.")]
    [InlineData(0.5, 1, 1000, "Spectrogram cannot be computed: the FFT's size must be a power of two")]
    [InlineData(0.5, 0.01, null, "Hop must be at most \"window\"")]
    public void Windows_and_spectrograms_that_cannot_be_are_refused(
        double hop, double window, int? fft, string message) =>
        Refused(Options(Tones()) with { Hop = hop, Window = window, Spectrogram = new() { FftSize = fft } }, message);

    [Fact]
    public void The_memory_limit_holds_for_the_spectrograms() =>
        Refused(Options(Tones()) with { Window = 1, Hop = 0.01, MemoryLimit = 1 }, "\"memoryLimit\" allows 1 MB");

    [Fact]
    public void A_recording_that_is_too_long_for_the_memory_limit_is_refused()
    {
        var files = Tones();
        files["low/long.wav"] = Wav.Of(new byte[250_002]);
        Refused(Options(files) with { Hop = 1, MemoryLimit = 1 },
            "long.wav has 125001 samples; 125000 at most are read: the option \"memoryLimit\" allows 1 MB.");
    }

    [Fact]
    public void The_error_is_that_of_the_first_file()
    {
        var reader = new RecordingReader(Options(Tones()), new(1000));
        var tone = Wav.Tone(300, 60);
        // the first one takes longest to be refused
        (string, string, byte[])[] files =
            [("a", "a", tone), ("z", "z", tone[..^10]), ("b", "b", []), ("c", "c", [])];
        var error = Assert.Throws<InvalidDataException>(() => reader.Read(files));
        Assert.StartsWith("z is cut off", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chunk_of_files_closes_at_a_sum_of_bytes()
    {
        var files = Enumerable.Range(0, 70).Select(i => ("", "", new byte[i < 3 ? 50 : 0]));
        Assert.Equal([2, 64, 4], RecordingReader.Chunks(files, maxBytes: 100).Select(chunk => chunk.Count));
    }

    /// <summary>Six recordings of two seconds of each of two classes.</summary>
    internal static Dictionary<string, byte[]> Tones()
    {
        var files = new Dictionary<string, byte[]>();
        for (var i = 0; i < 6; i++)
        {
            files[$"low/{i}.wav"] = Wav.Tone(250 + 20 * i, 2, seed: i);
            files[$"high/{i}.wav"] = Wav.Tone(2500 + 150 * i, 2, seed: i);
        }
        return files;
    }

    static AudioFolderOptions Options(Dictionary<string, byte[]> files) =>
        new() { Path = DataFiles.OnDisk(files), Validation = 2, Test = 2 };

    static AudioFolderOptions With(string name, byte[] content)
    {
        var files = Tones();
        files[name] = content;
        return Options(files);
    }

    static void Refused(AudioFolderOptions options, string message)
    {
        var error = Record.Exception(options.Open);
        Assert.True(error is InvalidDataException or ArgumentOutOfRangeException, $"{error}");
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    static (List<int> Ids, List<float> Values) All(IDataSplit split)
    {
        var batch = new HostBatch();
        split.Load([.. Enumerable.Range(0, split.Count)], View.Plain, batch);
        return ([.. batch.Ids], [.. batch.Float32(split.Info.Inputs[0].Name, split.Info.Inputs[0].Shape)]);
    }
}
