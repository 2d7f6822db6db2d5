using System.Diagnostics;
using System.Globalization;
using Retort.Fire;
using Retort.Models;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Tests.Contract;
using Retort.Training;

namespace Retort.Tests.Recipes;

/// <summary>What the real program leaves when it is killed: the short form of <c>tests/fire kills</c>.</summary>
public sealed class KillTests : IClassFixture<KillTests.Undisturbed>
{
    readonly UndisturbedRuns _undisturbed;

    public KillTests(Undisturbed undisturbed) => _undisturbed = undisturbed.UndisturbedRuns;

    /// <summary>The work that nobody disturbs, done once.</summary>
    public sealed class Undisturbed : IDisposable
    {
        internal UndisturbedRuns UndisturbedRuns { get; } = new(Few.Folder());
        public void Dispose() => Directory.Delete(UndisturbedRuns.Folder, recursive: true);
    }

    [Fact]
    public void Killed_at_any_moment_and_started_again_a_run_ends_with_the_same_bits() =>
        Kill(new AnyMoment(_undisturbed.Training(), new Random(4)), kills: 4);

    [Fact] // networks inside a network's folder
    public void Killed_in_any_of_its_networks_a_procedure_ends_with_the_same_bits() =>
        Kill(new AnyMoment(_undisturbed.Generations(), new Random(5)), kills: 3);

    [Fact]
    public void A_killed_cache_goes_on_with_the_shards_that_are_there() =>
        Kill(new InCacheWriting(_undisturbed.Cache(isAlone: true), new Random(6)), kills: 2);

    [Fact]
    public void Killed_in_an_export_it_leaves_the_whole_folder_or_none() =>
        Kill(new InExport(_undisturbed.Export(), new Random(7)), kills: 2);

    [Fact] // those of which a trial of 300 draws
    public void Every_kind_of_file_that_a_run_writes_can_be_killed_at_its_rename() => Assert.Superset(
        new HashSet<string>
        {
            "recipe.json", "run.json", "checkpoint.safetensors", "last.safetensors", "model.safetensors",
            "predictions.safetensors", "config.json", "latency.json", "search.json", "results.json",
        },
        _undisturbed.Training().WrittenDrafts.Select(path => Path.GetFileName(path)!).ToHashSet());

    [Fact]
    public void Drafts_and_checkpoints_that_a_finished_run_still_has_are_found()
    {
        var run = Few.Folder();
        foreach (var name in (string[])
        [
            "networks/a/config.json", "networks/a/checkpoint.safetensors", "networks/a/stage/x.json.1.2.draft",
            "tuning/b/checkpoint.safetensors",
        ])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(run, name))!);
            File.WriteAllText(Path.Combine(run, name), "");
        }
        Assert.Equal(
            ["networks/a/checkpoint.safetensors was left behind", "networks/a/stage/x.json.1.2.draft was left behind"],
            Fire.Outcome.LeftIn(run).Select(one => one.Replace('\\', '/')));
    }

    [Fact]
    public void When_a_parent_alone_is_killed_its_children_end()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks for children in /proc.");
        var folder = TestRuns.Folder();
        var file = TestRuns.File(Long with { Seeds = 2 });
        using var parent = Victim.Start("run", file, "--out", folder, "--jobs", "2");
        var children = Seen(
            parent, () => parent.Children() is { Count: 2 } two && File.Exists(Metrics(folder, 1)) ? two : null);
        parent.Kill();
        parent.Ended();
        for (var since = Stopwatch.GetTimestamp(); children.Any(Victim.Lives); Thread.Sleep(20))
            Assert.True(Stopwatch.GetElapsedTime(since).TotalSeconds < 15, "Its children live on.");
        // they saved before they ended, and nothing holds the folder
        Assert.True(File.Exists(Path.Combine(folder, "networks", "control-seed1", "checkpoint.safetensors")));
        RunFolder.Begin(folder, RunFolder.InfoIn(folder)!, "", resume: true, "retort run").Dispose();

        static string Metrics(string folder, int seed) =>
            Path.Combine(folder, "networks", $"student-seed{seed}", "metrics.jsonl");
    }

    [Fact]
    public void When_a_child_alone_is_killed_its_parent_reports_it_and_ends_the_others()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks for children in /proc.");
        using var parent = Victim.Start(
            "run", TestRuns.File(Long), "--out", TestRuns.Folder(), "--jobs", "2", "--quiet");
        var children = Seen(parent, () => parent.Children() is { Count: 2 } two ? two : null);
        using (var child = Process.GetProcessById(children[0])) child.Kill();
        Assert.Contains(
            "its process ended with code 137 and without a message", parent.Ended(), StringComparison.Ordinal);
        Assert.Equal(1, parent.Code);
        Assert.DoesNotContain(children, Victim.Lives);
    }

    [Fact]
    public void An_interrupted_run_stops_its_children_saves_and_prints_how_to_resume()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Sends SIGINT by kill.");
        var folder = TestRuns.Folder();
        var file = TestRuns.File(Long);
        using var run = Victim.Start("run", file, "--out", folder, "--jobs", "2");
        Seen(run, () => File.Exists(Path.Combine(folder, "networks", "student-seed1", "checkpoint.safetensors"))
            ? "there" : null);
        using (var other = Victim.Start("run", file, "--out", folder, "--resume", "--jobs", "2"))
            Assert.Contains("Another process is at work in", other.Ended(), StringComparison.Ordinal);
        using (var kill = Process.Start("kill", ["-INT", run.Id.ToString(CultureInfo.InvariantCulture)]))
            kill.WaitForExit();
        Assert.Contains($"--out {folder} --resume", run.Ended(), StringComparison.Ordinal);
        Assert.Equal(130, run.Code);
    }

    /// <summary>One that is not done before it is stopped.</summary>
    static Recipe Long { get; } = TestRuns.Recipe() with
    {
        Teacher = new TrainedTeacherOptions
        {
            Network = new LeNetOptions(),
            Training = new() { Epochs = 4, BatchSize = 16, CheckpointSeconds = 0 },
        },
        Training = new() { Epochs = 100_000, BatchSize = 16, CheckpointSeconds = 0, EmaDecay = 0.9 },
        Threads = 1,
    };

    /// <summary>
    /// Kills so often at the moments of this killer, then brings the work to its end: nothing
    /// was lost, and it ends as the undisturbed.
    /// </summary>
    static void Kill(Killer killer, int kills)
    {
        var met = 0;
        for (var tries = 0; met < kills; tries++)
        {
            Assert.True(tries < 8 * kills, $"{met} of {kills} kills were {killer.Phase}");
            if (killer.Next() is not { } kill) continue;
            Assert.True(kill.Trouble is null, $"{kill.Moment}: {kill.Trouble}");
            if (kill.Proven) met++;
        }
        Assert.Null(killer.End());
        Assert.True(killer.Finishes > 0);
    }

    static T Seen<T>(Victim run, Func<T?> look) where T : class => run.Seen(TimeSpan.FromSeconds(60), look)
        ?? throw new TimeoutException(run.HasEnded ? $"It ended: {run.Ended()}" : "It did not come within a minute.");
}
