using System.Diagnostics;
using System.Globalization;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Training;

namespace Retort.Tests.Recipes;

/// <summary>What the real program leaves when it is killed.</summary>
public sealed class KillTests
{
    static Recipe Recipe { get; } = Runs.Recipe() with
    {
        Teacher = new TrainedTeacherOptions { Network = new LeNetOptions(), Training = new() { Epochs = 4, Batch = 16, CheckpointSeconds = 0 } },
        Training = new() { Epochs = 6, Batch = 16, CheckpointSeconds = 0, Average = 0.9 },
        Tuning = new() { LearningRates = [0.05, 0.1] },
        Threads = 1,
    };

    [Theory]
    [InlineData("kd")]
    [InlineData("sdls")]                                                   // networks inside a network's folder
    public void Killed_at_any_moment_and_started_again_it_ends_with_the_same_bits(string method)
    {
        var recipe = method == "kd" ? Recipe : Recipe with { Teacher = null, Tuning = null, Method = new SelfDistillationOptions { Generations = 3 } };
        var (file, whole, broken) = (Runs.File(recipe), Runs.Folder(), Runs.Folder());
        Experiment.Run(Retort.Recipes.Recipe.Read(file), new() { Folder = whole });

        var (chance, kills) = (new Random(4), 0);
        for (var due = chance.Next(25); kills < 4; due = Traces(broken) + 5 + chance.Next(25))
        {
            using var run = Started("run", file, "--out", broken, "--resume", "--jobs", "1");
            while (!run.HasExited && Traces(broken) < due) Thread.Sleep(2);
            Thread.Sleep(chance.Next(20));
            if (run.HasExited) break;
            run.Kill();                                                    // SIGKILL
            run.WaitForExit();
            kills++;
        }
        Assert.True(kills >= 3, $"{kills} kills");
        using var last = Started("run", file, "--out", broken, "--resume", "--jobs", "1");
        Assert.Equal("", Ended(last));
        Runs.AssertAlike(whole, broken);
    }

    [Fact]
    public void When_a_parent_alone_is_killed_its_children_end()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks for children in /proc.");
        var folder = Runs.Folder();
        var file = Runs.File(Recipe with { Tuning = null, Seeds = 2, Training = Recipe.Training with { Epochs = 100_000 } });
        using var parent = Started("run", file, "--out", folder, "--jobs", "2");
        var children = Within(60, parent, () => Children(parent.Id) is { Count: 2 } two && File.Exists(Metrics(folder, 1)) ? two : null);
        parent.Kill(entireProcessTree: false);
        parent.WaitForExit();
        Assert.NotNull(Within(15, null, () => children.Any(Lives) ? null : "gone"));
        // they saved before they ended, and nothing holds the folder
        Assert.True(File.Exists(Path.Combine(folder, "networks", "control-seed1", "checkpoint.safetensors")));
        RunFolder.Begin(folder, RunFolder.CardIn(folder)!, "", resume: true, "retort run").Dispose();

        static string Metrics(string folder, int seed) => Path.Combine(folder, "networks", $"student-seed{seed}", "metrics.jsonl");
    }

    [Fact]
    public void Interrupted_it_stops_its_children_saves_and_says_how_to_go_on()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Sends SIGINT by kill.");
        var folder = Runs.Folder();
        var file = Runs.File(Recipe with { Tuning = null, Training = Recipe.Training with { Epochs = 100_000 } });
        using var run = Started("run", file, "--out", folder, "--jobs", "2");
        Within(60, run, () => File.Exists(Path.Combine(folder, "networks", "student-seed1", "checkpoint.safetensors")) ? "there" : null);
        using (var other = Started("run", file, "--out", folder, "--resume", "--jobs", "2"))
            Assert.Contains("Another process is at work in", Ended(other), StringComparison.Ordinal);
        using (var kill = Process.Start("kill", ["-INT", run.Id.ToString(CultureInfo.InvariantCulture)])) kill.WaitForExit();
        Assert.Contains($"--out {folder} --resume", Ended(run), StringComparison.Ordinal);
        Assert.Equal(130, run.ExitCode);
    }

    static Process Started(params string[] words)
    {
        var run = Process.Start(Runs.Start(words))!;
        run.OutputDataReceived += (_, _) => { };
        run.BeginOutputReadLine();
        return run;
    }

    /// <summary>What it said on its error output, progress aside; empty where it ended well.</summary>
    static string Ended(Process run)
    {
        var said = run.StandardError.ReadToEnd();
        run.WaitForExit();
        return run.ExitCode == 0 ? "" : said;
    }

    /// <summary>How far a run is: its files and epochs.</summary>
    static int Traces(string run)
    {
        try
        {
            return !Directory.Exists(run) ? 0 : Directory.EnumerateFiles(run, "*", SearchOption.AllDirectories)
                .Sum(path => 1 + (path.EndsWith("metrics.jsonl", StringComparison.Ordinal) ? File.ReadAllText(path).Count(letter => letter == '\n') : 0));
        }
        catch (IOException)                                                // a draft was renamed just now
        {
            return 0;
        }
    }

    static T Within<T>(int seconds, Process? run, Func<T?> found) where T : class
    {
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since).TotalSeconds < seconds; Thread.Sleep(20))
        {
            if (found() is { } result) return result;
            if (run is { HasExited: true }) throw new InvalidOperationException($"It ended: {Ended(run)}");
        }
        throw new TimeoutException($"It did not come within {seconds} s.");
    }

    static List<int> Children(int parent) =>
        [.. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => char.IsDigit(name![0]))
            .Select(name => int.Parse(name!, CultureInfo.InvariantCulture)).Where(id => Stat(id) is [_, var above] && above == parent.ToString(CultureInfo.InvariantCulture))];

    static bool Lives(int id) => Stat(id) is [not "Z", _];

    /// <summary>State and parent of a process; null where it is gone.</summary>
    static string[]? Stat(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ')[..2];
        }
        catch (IOException)
        {
            return null;
        }
    }
}
