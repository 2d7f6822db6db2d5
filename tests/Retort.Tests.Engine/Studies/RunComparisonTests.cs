using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Report;
using Retort.Runs;
using Retort.Tests.Contract;

namespace Retort.Tests.Studies;

/// <summary>Students of several runs, paired by seed where the runs allow it.</summary>
public sealed class RunComparisonTests
{
    static string Run(string name, double skill, Func<NetworkConfig, NetworkConfig>? change = null)
    {
        var folder = new SampleRun { StudentSkill = skill }.Write(Path.Combine(Few.Folder(), name));
        if (change is null) return folder;

        foreach (var path in Directory.GetFiles(folder, "config.json", SearchOption.AllDirectories))
        {
            var config = JsonSerializer.Deserialize<NetworkConfig>(File.ReadAllText(path), Json.Indented)!;
            if (config.Role != "teacher")
                File.WriteAllText(path, JsonSerializer.Serialize(change(config), Json.Indented));
        }
        return folder;
    }

    static void ChangeInfo(string folder, Func<RunInfo, RunInfo> change)
    {
        var path = Path.Combine(folder, "run.json");
        var info = JsonSerializer.Deserialize<RunInfo>(File.ReadAllText(path), Json.Indented)!;
        File.WriteAllText(path, JsonSerializer.Serialize(change(info), Json.Indented));
    }

    [Fact]
    public void Students_that_share_teacher_control_and_seeds_are_paired_by_seed_and_over_the_test_examples()
    {
        string[] runs = [Run("weak", 0.5), Run("strong", 4)];
        var comparison = RunComparison.Of(runs);
        var (weak, strong) = (Reports.Write(runs[0]), Reports.Write(runs[1]));
        var pair = Assert.Single(comparison.Paired);
        Assert.Empty(comparison.Unpaired);
        Assert.Equal(("weak", "strong", "strong"), (pair.First, pair.Second, pair.Better));
        Assert.StartsWith("weak lost ", pair.Sentence, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], pair.Seeds.Select(seed => seed.Seed));
        Assert.Equal(weak.Student.Scores["accuracy"].Values, pair.Seeds.Select(seed => seed.First));
        Assert.Equal(strong.Student.Scores["accuracy"].Values, pair.Seeds.Select(seed => seed.Second));
        Assert.Equal(Interval.Of([.. pair.Seeds.Select(seed => seed.Difference)]), pair.Difference);

        // 120 test examples: the difference in accuracy is that of the examples only one predicts correctly
        var examples = pair.Examples!;
        Assert.Equal(pair.Difference.Mean, (examples.OnlyFirst - examples.OnlySecond) / 120, tolerance: 1e-12);
        Assert.Equal(
            1.96 * Math.Sqrt(examples.OnlyFirst + examples.OnlySecond) / 120, examples.Margin, tolerance: 1e-12);
    }

    [Fact]
    public void Pages_have_the_paired_differences_before_the_distillation_score()
    {
        var folder = Path.Combine(Few.Folder(), "made");
        ComparisonPages.Write(RunComparison.Of([Run("weak", 0.5), Run("strong", 4)]), folder);
        foreach (var (name, head) in new[] { ("compare.md", "## "), ("compare.html", "<h2>") })
        {
            var text = File.ReadAllText(Path.Combine(folder, name));
            var (paired, score) = (
                text.IndexOf(head + "Paired differences", StringComparison.Ordinal),
                text.IndexOf(head + "Distillation score", StringComparison.Ordinal));
            Assert.True(paired > 0 && score > paired);
            Assert.Contains("Score (lower is better)", text, StringComparison.Ordinal);
        }
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "compare.json")))!;
        Assert.Equal(("strong", 2), ((string?)json["paired"]![0]!["better"], json["students"]!.AsArray().Count));
    }

    [Fact]
    public void What_differs_is_named_and_the_runs_are_ranked_all_the_same()
    {
        var first = Run("first", 3);
        Check("the networks of control and student differ", Run("other", 3, config => config with
        {
            Network = new JsonObject { ["name"] = "mlp", ["hidden"] = new JsonArray(8) },
        }));
        Check("the controls differ in training.epochs", Run("other", 3, config => config with
        {
            Training = new JsonObject { ["epochs"] = 60, ["learningRate"] = 0.05 },
        }));
        Check("the controls took other numbers of steps", Run("other", 3, config => config with { Steps = 7 }));

        var labels = Run("other", 3);
        ChangeInfo(labels, info => info with { Examples = info.Examples with { Labelled = 100 } });
        Check("their numbers of labelled examples differ", labels);

        var teacher = Run("other", 3, config => config.Role != "student" ? config : config with
        {
            TeacherHash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("another"u8)),
        });
        File.WriteAllText(Path.Combine(teacher, "networks", "teacher", "model.safetensors"), "another");
        Check("their teachers differ", teacher);

        void Check(string reason, string other)
        {
            var comparison = RunComparison.Of([first, other]);
            Assert.Equal($"first and other cannot be paired: {reason}.", Assert.Single(comparison.Unpaired));
            Assert.Empty(comparison.Paired);
            Assert.Equal(2, comparison.Ranking!.Students.Count);
        }
    }

    [Fact] // a search chooses the student's learning rate: that belongs to the method
    public void Students_with_other_training_than_their_controls_are_paired()
    {
        var searched = Run("searched", 3, config => config.Role != "student" ? config : config with
        {
            Training = new JsonObject { ["epochs"] = 6, ["learningRate"] = 0.2 },
        });
        Assert.Single(RunComparison.Of([Run("first", 3), searched]).Paired);
    }

    [Fact]
    public void Controls_of_one_configuration_with_other_predictions_are_mentioned()
    {
        var other = new SampleRun { ControlSkill = 1 }.Write(Path.Combine(Few.Folder(), "other"));
        var comparison = RunComparison.Of([Run("first", 3), other]);
        Assert.Single(comparison.Paired);
        Assert.StartsWith("The controls of first and other have one configuration and different predictions (accuracy ",
            Assert.Single(comparison.PairingNotes), StringComparison.Ordinal);
    }
}
