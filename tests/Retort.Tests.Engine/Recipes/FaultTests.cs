using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Retort.Fire;
using Retort.Models;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Tensors.Files;
using Retort.Tests.Contract;
using Retort.Training;

namespace Retort.Tests.Recipes;

/// <summary>
/// Files that are changed under a run, a clock that is set back, two processes in one place, a
/// teacher that must stay as it is.
/// </summary>
public sealed class FaultTests
{
    [Fact]
    public void A_shard_that_is_cut_off_under_a_run_stops_it_and_the_run_goes_on_once_it_is_made_again()
    {
        var (recipe, whole, broken) = (Cached(TestRuns.Recipe(threads: 1)), TestRuns.Folder(), TestRuns.Folder());
        Experiment.Run(recipe, new() { Folder = whole });
        var error = Assert.Throws<InvalidDataException>(
            () => Experiment.Run(recipe, new() { Folder = broken }, new Epochs(end =>
            {
                if (end.Part != "student-seed1") return;
                using var file = new FileStream(
                    Shard(broken), FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
                file.SetLength(100);
            })));
        Assert.Equal($"{Shard(broken)} was shortened while it was in use.", error.Message);
        error = Assert.Throws<InvalidDataException>(
            () => Experiment.Run(recipe, new() { Folder = broken, Resume = true }));
        Assert.StartsWith($"{Shard(broken)} is damaged: ", error.Message, StringComparison.Ordinal);
        File.Delete(Shard(broken));
        Experiment.Run(recipe, new() { Folder = broken, Resume = true });
        TestRuns.AssertAlike(whole, broken);

        static string Shard(string run) => Assert.Single(Directory.GetFiles(
            Path.Combine(Path.GetDirectoryName(run)!, "teacher-cache"), "*.shard", SearchOption.AllDirectories));
    }

    // of a mapped file any of these cuts may end the process: a page that is gone is SIGBUS,
    // whatever was looked at before
    [Fact]
    public void A_file_that_is_cut_off_and_grown_again_and_again_is_read_or_refused()
    {
        var path = Path.Combine(Few.Folder(), "pieces");
        File.WriteAllBytes(path, new byte[1_000_000]);
        using var file = RandomAccessFile.Open(path);
        var done = false;
        var cutter = new Thread(() =>
        {
            while (!Volatile.Read(ref done))
            {
                using var cut = new FileStream(
                    path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
                cut.SetLength(0);
                cut.SetLength(1_000_000);
            }
        });
        cutter.Start();
        var (chance, room, refused) = (new Random(1), new byte[64], 0);
        for (var i = 0; i < 100_000; i++)
        {
            var error = Record.Exception(() => file.Read(chance.Next(15_000) * 64L, room));
            Assert.True(error is null or InvalidDataException, error?.ToString());
            if (error is not null) refused++;
        }
        Volatile.Write(ref done, true);
        cutter.Join();
        Assert.True(refused > 0);
    }

    [Theory, InlineData("safetensors"), InlineData("pth")]
    public void Weights_that_are_cut_off_while_they_are_read_are_read_or_refused(string format)
    {
        var source = format == "pth" ? House.Repository.At("tests/Golden/Interop/lenet.pth") : Weights();
        var path = Path.Combine(Few.Folder(), "weights." + format);
        var whole = File.ReadAllBytes(source);
        File.WriteAllBytes(path, whole);
        using var stop = new CancellationTokenSource();
        var cutter = new Thread(() =>
        {
            for (var chance = new Random(2); !stop.IsCancellationRequested;)
            {
                using var cut = new FileStream(
                    path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
                cut.SetLength(chance.Next(whole.Length));
                cut.Position = 0;
                cut.Write(whole);
            }
        });
        cutter.Start();
        try
        {
            for (var i = 0; i < 300; i++)
            {
                using var scope = torch.NewDisposeScope();
                var error =
                    Record.Exception(() => format == "pth" ? PthFile.Read(path).Count : SafeTensors.Read(path).Count);
                Assert.True(
                    error is null || error is InvalidDataException
                        && error.Message.StartsWith(path, StringComparison.Ordinal),
                    error?.ToString());
            }
        }
        finally
        {
            stop.Cancel();
            cutter.Join();
        }
    }

    [Fact]
    public void A_clock_that_is_set_back_changes_no_bit_and_makes_no_time_negative()
    {
        var recipe = Cached(TestRuns.Recipe(threads: 1)) with
        {
            Training = new() { Epochs = 3, BatchSize = 16, CheckpointSeconds = 0, Tensorboard = true },
        };
        var (whole, broken) = (TestRuns.Folder(), TestRuns.Folder());
        Experiment.Run(recipe, new() { Folder = whole });
        using (var stop = new CancellationTokenSource())
            Assert.Throws<OperationCanceledException>(() => Experiment.Run(
                recipe, new() { Folder = broken, Clock = new BackwardClock() },
                new Epochs(end => { if (end is { Part: "student-seed1", Epoch: 2 }) stop.Cancel(); }), stop.Token));
        // as a disk looks to whoever sets the clock back by years: all files are of the future, the cache's too
        foreach (var path in Directory.EnumerateFiles(Path.GetDirectoryName(broken)!, "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(path, new(2099, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Experiment.Run(recipe, new() { Folder = broken, Resume = true, Clock = new BackwardClock() });
        TestRuns.AssertAlike(whole, broken);
        foreach (var line in Directory.EnumerateFiles(broken, "metrics.jsonl", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines))
        {
            var epoch = JsonNode.Parse(line)!;
            Assert.True((double)epoch["seconds"]! >= 0 && (double)epoch["waitShare"]! is >= 0 and <= 1, line);
        }
    }

    [Fact]
    public void Two_exports_to_one_folder_at_once_leave_one_whole_folder()
    {
        var run = Experiment.Run(TestRuns.Recipe(threads: 1), new() { Folder = TestRuns.Folder() });
        var target = Path.Combine(Few.Folder(), "student");
        using var one = Victim.Start("export", run, "--out", target);
        using var two = Victim.Start("export", run, "--out", target);
        string[] said = [one.Ended(), two.Ended()];
        Assert.Single(said, "");
        Assert.Matches("is there already|was made by another process", said.Single(text => text.Length > 0));
        Assert.Empty(Fire.Outcome.Broken(target));
        Assert.Equal([target], Directory.GetFileSystemEntries(Path.GetDirectoryName(target)!));
    }

    [Theory, InlineData("trained"), InlineData("given"), InlineData("cached, trained"), InlineData("cached, given")]
    public void The_teachers_weights_are_the_same_bytes_before_and_after_a_run(string kind)
    {
        var (run, plain, file) = (TestRuns.Folder(), TestRuns.Recipe(threads: 1), Weights());
        var teacher = kind.EndsWith("given", StringComparison.Ordinal)
            ? new CheckpointTeacherOptions { Path = file, Network = new MlpOptions { Hidden = [16] } } : plain.Teacher!;
        var recipe = plain with
        {
            Teacher = kind.StartsWith("cached", StringComparison.Ordinal)
                ? new CachedTeacherOptions { Teacher = teacher } : teacher,
        };
        var weights = teacher is CheckpointTeacherOptions
            ? file : Path.Combine(run, "networks", "teacher", "model.safetensors");
        var before = "";
        Experiment.Run(
            recipe, new() { Folder = run },
            new Epochs(end => before = end.Part == "control-seed1" && before.Length == 0 ? Hash(weights) : before));
        Assert.Equal(64, before.Length);
        Assert.Equal(before, Hash(weights));
        Assert.Equal(64, TestRuns.Card(run, "student-seed1").TeacherHash!.Length);
        if (teacher is not CheckpointTeacherOptions)
            Assert.Equal(before, TestRuns.Card(run, "student-seed1").TeacherHash);
    }

    [Fact]
    public void A_teacher_that_changes_while_its_outputs_are_cached_is_refused()
    {
        var info = new RunInfo
        {
            Recipe = new System.Text.Json.Nodes.JsonObject(), RecipeName = "small", RecipeHash = "r", DataName = "toy",
            DataHash = "d", Examples = new(1, 1, 1, 1), Seeds = [1], Threads = 1,
            Versions = new Dictionary<string, string>(),
        };
        var cache = new TeacherCache(new(TestRuns.Folder(), info, Cached(TestRuns.Recipe()), Few.Data));
        using var teacher = new Restless();
        var error = Assert.Throws<InvalidOperationException>(
            () => cache.Fill(teacher, Output.Logits, (1, 1), TestContext.Current.CancellationToken));
        Assert.StartsWith("The teacher changed while it was used: ", error.Message, StringComparison.Ordinal);
    }

    static Recipe Cached(Recipe recipe) =>
        recipe with { Teacher = new CachedTeacherOptions { Teacher = recipe.Teacher!, Codec = new Float32Options() } };

    static string Weights()
    {
        using var network = Few.Network(16, seed: 77);
        var path = Path.Combine(Few.Folder(), "teacher.safetensors");
        SafeTensors.Write(path, network.state_dict());
        return path;
    }

    static string Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    /// <summary>Each time it is asked it is a day earlier.</summary>
    sealed class BackwardClock : TimeProvider
    {
        DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        public override DateTimeOffset GetUtcNow() => _now = _now.AddDays(-1);
    }

    /// <summary>Another teacher after each answer.</summary>
    sealed class Restless : ITeacher
    {
        int _asked;
        public OutputSet AvailableOutputs => Output.Logits;
        public string Fingerprint() => FormattableString.Invariant($"{_asked}");
        public void Dispose() { }

        public Outputs Forward(Batch batch, OutputSet wanted)
        {
            _asked++;
            return new() { Logits = torch.zeros(batch.Count, 4) };
        }
    }
}
