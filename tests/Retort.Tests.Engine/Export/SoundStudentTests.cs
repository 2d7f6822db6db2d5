using Retort.Cli.Commands;
using Retort.Data.Audio;
using Retort.Export;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Runtime;
using Retort.Runtime.Features.Audio;
using Retort.Tests.Cli;
using Retort.Tests.Contract;
using Retort.Tests.Data;
using Retort.Tests.Proofs;
using Retort.Tests.Recipes;
using Retort.Tests.Runtime;
using Retort.Tests.Runtime.Audio;
using Retort.Training;

namespace Retort.Tests.Export;

/// <summary>A student of sound: its run, its folder with the front end, and predictions out of it.</summary>
public sealed class SoundStudentTests(SoundStudentTests.OneRun one) : IClassFixture<SoundStudentTests.OneRun>
{
    /// <summary>Low and high tones; the teacher is fed spectrograms of another sampling rate.</summary>
    public sealed class OneRun
    {
        public OneRun()
        {
            var files = new Dictionary<string, byte[]>();
            for (var i = 0; i < 8; i++)
            {
                files[$"low/{i}.wav"] = Wav.Tone(250 + 20 * i, 1.5, seed: i);
                files[$"high/{i}.wav"] = Wav.Tone(2500 + 150 * i, 1.5, seed: i);
            }
            Sounds = DataFiles.OnDisk(files);
            Run = ProofRun.Whole(new()
            {
                Name = "tones",
                Data = new AudioFolderOptions
                {
                    Path = Sounds, Validation = 4, Test = 4,
                    TeacherSpectrogram = new() { SampleRate = 16_000, MelBins = 32, HopLength = 320 },
                },
                Student = new ConvNetOptions { Widths = [4, 4] },
                Seeds = 1,
                Threads = 1,
                Method = new SoftTargetsOptions(),
                Teacher = new TrainedTeacherOptions
                {
                    Network = new L3AudioOptions { Widths = [4, 8] }, Training = Training,
                },
                Training = Training,
            });
            Student = Path.Combine(Few.Folder(), "student");
            StudentFolder.Write(Run, new() { Network = "student-seed1", Folder = Student, Outputs = Output.Embedding });
        }

        public string Sounds { get; }

        public string Run { get; }

        public string Student { get; }

        static TrainingOptions Training =>
            new() { Epochs = 4, BatchSize = 8, Optimizer = new AdamOptions(), LearningRate = 0.01 };
    }

    [Fact] // through the folder's front end, against what the run stored
    public void The_student_of_a_folder_predicts_what_the_run_predicted()
    {
        using var student = Student.Open(one.Student);
        Assert.True(student.TakesSound);
        var stored = PredictionsFile.Read(
            Path.Combine(one.Run, "networks/student-seed1", PredictionsFile.Name), "test");
        var data = Recipe.Read(Path.Combine(one.Run, "recipe.json")).Source.Open();
        var windows = Directory.GetFiles(one.Sounds, "*.wav", SearchOption.AllDirectories)
            .SelectMany(file => student.FrontEnd.Spectrograms(Read(file)))
            .Select(spectrogram => student.WindowOutput(spectrogram)).ToList();
        Assert.Equal((8, 32), (data.Test.Count, windows.Count));
        foreach (var i in Enumerable.Range(0, data.Test.Count))
        {
            var expected = 1 / (1 + Math.Exp(stored.Values[2 * i + 1] - stored.Values[2 * i]));
            Assert.Contains(windows, window => Math.Abs(window[0] - expected) < 1e-4);
        }
    }

    [Fact]
    public void A_sound_is_predicted_by_the_mean_of_its_windows()
    {
        using var student = Student.Open(one.Student);
        var clip = Read(Path.Combine(one.Sounds, "low", "1.wav"));
        var windows = student.FrontEnd.Spectrograms(clip).Select(student.WindowOutput).ToList();
        Assert.Equal(2, windows.Count);
        Assert.Equal((windows[0][0] + windows[1][0]) / 2, student.Probabilities(clip)[0], tolerance: 1e-6f);
        Assert.Equal("low", student.Predict(clip).Name);
        Assert.Equal(2, student.Embeddings(clip).Count);
        Assert.Throws<InvalidOperationException>(() => student.Tokenizer);
    }

    [Theory]
    [InlineData(8_000, 1)]
    [InlineData(8_000, 777)]
    [InlineData(22_050, 4_000)]
    public void Sound_in_chunks_gives_the_numbers_of_the_whole(int rate, int chunk)
    {
        using var student = Student.Open(one.Student);
        var clip = AudioFile.Read(Wav.Tone(440, 2.3, rate), "a.wav");
        var stream = new SpectrogramStream(student.FrontEnd, rate);
        var found = new List<float[]>();
        foreach (var samples in clip.Samples.Chunk(chunk)) found.AddRange(stream.Add(samples));
        found.AddRange(stream.Complete());
        Assert.Equal(student.FrontEnd.Spectrograms(clip), found);
        Assert.Equal(student.Probabilities(clip), student.MeanOutput(found));
    }

    [Fact]
    public async Task The_command_predicts_files_folders_and_windows()
    {
        var low = Path.Combine(one.Sounds, "low", "1.wav");
        var (code, output, error) = await ToolTests.Call("predict", one.Student, low, Path.Combine(one.Sounds, "high"));
        Assert.Equal((0, ""), (code, error));
        var lines = output.TrimEnd().Split('\n');
        Assert.Equal(9, lines.Length);
        Assert.StartsWith($"{low}\tlow\t", lines[0], StringComparison.Ordinal);
        (_, output, _) = await ToolTests.Call("predict", one.Student, low, "--windows");
        Assert.Matches($"^{low}:0s\tlow\t0.*\n{low}:0.5s\tlow\t0.*\n$", output);

        var text = Path.Combine(Few.Folder(), "a.wav");
        File.WriteAllBytes(text, Wav.Tone(300, 1)[..30]);
        (code, _, error) = await ToolTests.Call("predict", one.Student, text);
        Assert.Equal(1, code);
        Assert.StartsWith($"{text} is cut off: a part of it states ", error, StringComparison.Ordinal);
        (code, _, error) = await ToolTests.Call("predict", one.Student, low, "--rate", "8000");
        Assert.Equal(
            (1, "--rate describes samples from the standard input, which FILE - names; the files are others.\n"),
            (code, error));
        (code, _, error) = await ToolTests.Call("predict", StudentFolders.OfBright(), "a.png", "--windows");
        Assert.Equal((1, "--windows is an option for sound; this student takes none.\n"), (code, error));
        (code, _, error) = await ToolTests.Call("predict", one.Student, "-", "--rate", "1000000");
        Assert.Equal((1, "--rate must be from 1000 to 768000 Hz; it is 1000000.\n"), (code, error));
    }

    [Theory] // ½ and −½, each read in pieces of 3 bytes
    [InlineData(false, new byte[] { 0, 0x40, 0, 0xC0 })]
    [InlineData(true, new byte[] { 0, 0, 0, 0x3F, 0, 0, 0, 0xBF })]
    public void Samples_without_a_header_are_read_as_they_come(bool isFloat, byte[] content)
    {
        var samples = new RawSamples(8000, isFloat);
        Assert.Equal([0.5f, -0.5f], samples.Read(new Slow(content)).SelectMany(chunk => chunk));
        var cut = Assert.Throws<InvalidDataException>(() => samples.Read(new Slow(content[..^1])).ToList());
        Assert.Contains("are left at its end.", cut.Message, StringComparison.Ordinal);
        var empty = Assert.Throws<InvalidDataException>(() => samples.Read(new Slow([])).ToList());
        Assert.Equal("The standard input must have samples; it is empty.", empty.Message);
        Assert.Equal(
            "The standard input, sample 0: samples must be finite numbers of at most 1e9; this one is NaN.",
            Assert.Throws<InvalidDataException>(() => new RawSamples(8000, true)
                .Read(new MemoryStream(BitConverter.GetBytes(float.NaN))).ToList()).Message);
    }

    [Fact]
    public void The_folder_says_how_sound_is_prepared()
    {
        var front = TestRuns.Json(Path.Combine(one.Student, AudioFrontEnd.FileName));
        Assert.Equal((8000, 8000, 4000, false), ((int)front["sampling_rate"]!, (int)front["window_size"]!,
            (int)front["window_hop"]!, (bool)front["centered"]!));
        Assert.Equal((1024, 160, 64),
            ((int)front["n_fft"]!, (int)front["hop_length"]!, (int)front["feature_size"]!));
        Student.Verify(one.Student);
        var card = File.ReadAllText(Path.Combine(one.Student, "README.md"));
        Assert.Contains("pipeline_tag: audio-classification", card, StringComparison.Ordinal);
        Assert.Contains("as `preprocessor_config.json` says", card, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_front_end_is_refused()
    {
        var folder = Path.Combine(Few.Folder(), "changed");
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(one.Student))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        var path = Path.Combine(folder, AudioFrontEnd.FileName);
        File.WriteAllText(path, File.ReadAllText(path).Replace("8000", "9000", StringComparison.Ordinal));
        Assert.Contains("preprocessor_config.json is not the file that was exported",
            Assert.Throws<InvalidDataException>(() => Student.Open(folder)).Message);
    }

    static AudioClip Read(string path) => AudioFile.Read(File.ReadAllBytes(path), path);

    sealed class Slow(byte[] content) : MemoryStream(content)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 3));
    }
}
