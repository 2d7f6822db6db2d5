using System.Text.Json;
using Retort.Report;
using Retort.Runs;
using Retort.Runtime.Metrics;
using Retort.Studies;
using Retort.Tests.Contract;
using Retort.Training;

namespace Retort.Tests.Studies;

/// <summary>Runs of different skill and size, ranked.</summary>
public sealed class RankingTests
{
    // a run called so, its student of this skill and so many parameters
    static string Run(string name, double skill, long parameters, double control = 1.5)
    {
        var run = new SampleRun
        {
            Name = name, StudentSkill = skill, ControlSkill = control, Examples = new(1000, 1000, 60, 120),
        };
        var folder = run.Write(Path.Combine(Few.Folder(), name));
        foreach (var path in Directory.GetFiles(folder, "config.json", SearchOption.AllDirectories))
        {
            if (path.Contains("teacher", StringComparison.Ordinal)) continue;

            var config = JsonSerializer.Deserialize<NetworkConfig>(File.ReadAllText(path), Json.Indented)!;
            config = config with { Parameters = parameters, MultiplyAdds = 3 * parameters };
            File.WriteAllText(path, JsonSerializer.Serialize(config, Json.Indented));
        }
        return folder;
    }

    [Fact]
    public void The_lowest_score_comes_first_and_each_is_computed_by_seed()
    {
        string[] runs = [Run("large", 4, 40_000), Run("middle", 3, 4_000), Run("small", 0.1, 100)];
        var ranking = Ranking.Of(runs);
        Assert.Equal(["middle", "small", "large"], ranking.Students.Select(one => one.Run));
        Assert.Equal(("large", 61_706L), (ranking.Teacher.Run, ranking.Teacher.Size));
        var middle = ranking.Students[0];
        Assert.Equal(4_000 / 61_706.0, middle.SizeRatio, tolerance: 1e-12);
        Assert.Equal(
            middle.Primary.Values.Select(
                accuracy => DistillationScore.Of(4_000, 61_706, accuracy, ranking.Teacher.Primary).Value),
            middle.Score.Values);
        Assert.True(middle.WorstClass!.Mean <= middle.Primary.Mean);
        Assert.Equal(
            Interval.Of([.. middle.Score.Values.Zip(middle.ControlScore!.Values, (mine, its) => mine - its)]),
            middle.Difference);
        Assert.Equal(["small", "middle", "large"], Ranking.Of(runs, alpha: 1).Students.Select(one => one.Run));
        Assert.Equal(
            12_000, Ranking.Of(runs, unit: SizeUnit.MultiplyAdds).Students.First(one => one.Run == "middle").Size);
        Assert.Equal(123_412, Ranking.Of(runs, teacherSize: 123_412).Teacher.Size);
    }

    [Fact]
    public void It_warns_of_the_edge_of_an_order_that_hangs_on_alpha_and_of_a_student_behind_its_control()
    {
        var (large, middle, small) = (
            Run("large", 4, 40_000), Run("middle", 3, 4_000), Run("small", 0.1, 100, control: 3));
        var ranking = Ranking.Of([large, middle, small]);
        Assert.DoesNotContain(ranking.Warnings, warning => warning.Contains("size tried", StringComparison.Ordinal));
        Assert.Contains(
            ranking.Warnings,
            warning => warning.StartsWith("small is behind its own control (", StringComparison.Ordinal));
        var turn = Assert.Single(ranking.Turns, turn => (turn.One, turn.Other) == ("small", "large"));
        foreach (var (alpha, first) in new[] { (turn.Alpha - 0.01, "large"), (turn.Alpha + 0.01, "small") })
            Assert.Equal(first, Ranking.Of([large, small], alpha).Students[0].Run);
        Assert.Contains(
            Ranking.Of([large, small], turn.Alpha + 0.01).Warnings,
            warning => warning.StartsWith("At α = ", StringComparison.Ordinal) && warning.EndsWith(
                ": large, small.", StringComparison.Ordinal));
        Assert.Contains(
            "The lowest score is at the smallest size tried (middle): a smaller student may score lower still.",
            Ranking.Of([large, middle]).Warnings);
        Assert.Contains(
            "The lowest score is at the largest size tried (middle): a larger student may score lower still.",
            Ranking.Of([small, middle]).Warnings);
        Assert.Contains(
            Ranking.Of([middle, Run("other", 2, 4_000)]).Warnings,
            warning => warning.StartsWith("All students have one size", StringComparison.Ordinal));
    }

    [Fact] // of one size
    public void Neighbours_whose_paired_scores_do_not_differ_are_undecided()
    {
        string[] close = [Run("one", 3, 4_000), Run("same", 3, 4_000)];
        Assert.Contains(Ranking.Of(close).Warnings, warning => warning.StartsWith(
            "one before same is undecided: over the ", StringComparison.Ordinal));
        Assert.DoesNotContain(Ranking.Of([close[0], Run("worse", 0.1, 4_000)]).Warnings,
            warning => warning.Contains("undecided", StringComparison.Ordinal));
    }

    [Fact] // smaller and better: the other is not on the front
    public void The_front_holds_whom_nobody_surpasses_in_both()
    {
        var students = Ranking.Of([Run("large", 0.1, 40_000), Run("middle", 3, 4_000)]).Students;
        Assert.Equal([("middle", true), ("large", false)], students.Select(one => (one.Run, one.OnFront)));
    }

    [Fact]
    public void Its_pages_have_every_student_and_every_warning()
    {
        var comparison = RunComparison.Of([Run("large", 4, 40_000), Run("mi<d>dle", 3, 4_000)]);
        var ranking = comparison.Ranking!;
        var folder = Path.Combine(Few.Folder(), "made");
        ComparisonPages.Write(comparison, folder);
        var (html, markdown) = (
            File.ReadAllText(Path.Combine(folder, "compare.html")),
            File.ReadAllText(Path.Combine(folder, "compare.md")));
        Assert.Contains("mi&lt;d&gt;dle", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<d>", html + markdown, StringComparison.Ordinal);
        Assert.Contains("id=\"ranking-", html, StringComparison.Ordinal);
        Assert.All(
            ranking.Warnings, warning => Assert.Contains(warning.Split('(')[0], markdown, StringComparison.Ordinal));
        var written = File.ReadAllText(Path.Combine(folder, "compare.json"));
        Assert.Equal(ranking.Students.Select(one => one.Score.Mean),
            JsonSerializer.Deserialize<Ranking>(written, Json.Indented)!.Students.Select(one => one.Score.Mean));
    }

    [Fact]
    public void Runs_that_cannot_be_compared_are_refused()
    {
        var run = Run("one", 3, 4_000);
        Assert.Contains(
            "was tested on other examples than one",
            Refusal(run, new SampleRun { Test = 90 }.Write(Path.Combine(Few.Folder(), "short"))),
            StringComparison.Ordinal);
        Assert.Contains("Two of the runs are called one", Refusal(run, Run("one", 2, 10)), StringComparison.Ordinal);
        Assert.Contains(
            "None of these runs has a teacher",
            Refusal(new SampleRun { Taught = false }.Write(Path.Combine(Few.Folder(), "alone"))),
            StringComparison.Ordinal);
        Assert.Contains(
            "give its size with --teacher-size",
            Refusal(new SampleRun { Given = true }.Write(Path.Combine(Few.Folder(), "given"))),
            StringComparison.Ordinal);

        static string Refusal(params string[] runs) => Assert.Throws<InvalidDataException>(
            () => Ranking.Of(runs)).Message;
    }
}
