using System.Text.Json.Nodes;
using Retort.Fire;
using Retort.Models;
using Retort.Recipes;
using Retort.Runs;
using Retort.Training;

namespace Retort.Tests.Recipes;

/// <summary>Several processes on one run folder.</summary>
public sealed class JoinTests
{
    static Recipe Recipe { get; } = TestRuns.Recipe(seeds: 3, threads: 1) with
    {
        Training = new() { Epochs = 150, BatchSize = 16, CheckpointSeconds = 0 },
    };

    [Fact]
    public void Two_processes_share_a_run_one_is_killed_and_the_other_ends_it_with_the_same_bits()
    {
        var (file, alone, shared) = (TestRuns.File(Recipe), TestRuns.Folder(), TestRuns.Folder());
        using (var one = Victim.Start("run", file, "--out", alone, "--jobs", "1")) Assert.Equal("", one.Ended());

        using var leader = Victim.Start("run", file, "--out", shared, "--jobs", "1");
        Assert.NotNull(
            leader.Seen(TimeSpan.FromMinutes(1), () => Path.Exists(Path.Combine(shared, "run.json")) ? "begun" : null));
        using var other = Victim.Start("run", file, "--out", shared, "--jobs", "1", "--join");
        Assert.NotNull(leader.Seen(TimeSpan.FromMinutes(1), () =>
            Checkpoints(shared) >= 2 ? "both train" : null));
        leader.KillAll();

        Assert.Equal("", other.Ended());
        TestRuns.AssertAlike(alone, shared);
    }

    [Fact]
    public void Three_processes_share_a_run_and_its_leader_reports()
    {
        var (file, alone, shared) = (TestRuns.File(Recipe), TestRuns.Folder(), TestRuns.Folder());
        using (var one = Victim.Start("run", file, "--out", alone, "--jobs", "1")) Assert.Equal("", one.Ended());

        using var leader = Victim.Start("run", file, "--out", shared, "--jobs", "1");
        Assert.NotNull(
            leader.Seen(TimeSpan.FromMinutes(1), () => Path.Exists(Path.Combine(shared, "run.json")) ? "begun" : null));
        using var second = Victim.Start("run", file, "--out", shared, "--jobs", "1", "--join");
        using var third = Victim.Start("run", file, "--out", shared, "--jobs", "1", "--join");
        Assert.Equal(("", "", ""), (leader.Ended(), second.Ended(), third.Ended()));
        TestRuns.AssertAlike(alone, shared);
    }

    [Theory]
    [InlineData("retort", "9.9.9")]
    [InlineData("torchsharp", "0.1.0")]
    public void A_machine_with_another_version_does_not_join(string name, string version)
    {
        var file = TestRuns.File(Recipe with { Training = new() { Epochs = 1, BatchSize = 16 } });
        var folder = TestRuns.Folder();
        using (var run = Victim.Start("run", file, "--out", folder, "--jobs", "1")) Assert.Equal("", run.Ended());
        var path = Path.Combine(folder, "run.json");
        var info = JsonNode.Parse(File.ReadAllText(path))!;
        info["versions"]![name] = version;
        File.WriteAllText(path, info.ToJsonString());

        using var other = Victim.Start("run", file, "--out", folder, "--join");
        Assert.Contains($"was begun with {name} {version}", other.Ended(), StringComparison.Ordinal);
        Assert.Equal(1, other.Code);
    }

    [Fact]
    public void A_folder_of_another_recipe_is_neither_joined_nor_planned()
    {
        var file = TestRuns.File(Recipe with { Training = new() { Epochs = 1, BatchSize = 16 } });
        var folder = TestRuns.Folder();
        using (var run = Victim.Start("run", file, "--out", folder, "--jobs", "1")) Assert.Equal("", run.Ended());

        var another = TestRuns.File(Recipe with { Seeds = 1, Training = new() { Epochs = 1, BatchSize = 16 } });
        foreach (var (words, reason) in ((string[], string)[])
        [
            (["run", another, "--out", folder, "--join"], "begun with 3 seeds and cannot be continued with 1"),
            (["plan", another, "--out", folder], "seeds is 3 there and 1 here"),
        ])
        {
            using var other = Victim.Start(words);
            Assert.Contains(reason, other.Ended(), StringComparison.Ordinal);
            Assert.Equal(1, other.Code);
        }
    }

    [Fact]
    public void Where_nothing_was_begun_there_is_nothing_to_join()
    {
        using var other = Victim.Start("run", TestRuns.File(Recipe), "--out", TestRuns.Folder(), "--join");
        Assert.Contains("holds no run to join", other.Ended(), StringComparison.Ordinal);
        Assert.Equal(1, other.Code);
    }

    static int Checkpoints(string run) => Directory.Exists(Path.Combine(run, "networks"))
        ? Directory.GetFiles(Path.Combine(run, "networks"), Checkpoint.FileName, SearchOption.AllDirectories).Length
        : 0;
}
