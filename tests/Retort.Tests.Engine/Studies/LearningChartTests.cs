using System.Text.RegularExpressions;
using Retort.Report;
using Retort.Tests.Contract;

namespace Retort.Tests.Studies;

/// <summary>Scores and losses by epoch in a run's report.</summary>
public sealed class LearningChartTests
{
    [Fact]
    public void Loss_and_scores_of_teacher_control_and_student_are_there_by_epoch()
    {
        var folder = new SampleRun().Write(Few.Folder());
        Reports.Write(folder);
        var lines = File.ReadAllLines(Path.Combine(folder, "report.md"));
        var at = Array.IndexOf(lines, "*Loss on training (lower is better), mean over the seeds*");
        Assert.Equal("| Epoch | Teacher | Control | Student |", lines[at + 2]);
        Assert.Equal("| 6 | 1.00 | 1.00 | 1.00 |", lines[at + 9]);         // a total of 1 in each epoch
        Assert.Contains("*NLL on validation, nats (lower is better), mean over the seeds*", lines);

        var page = File.ReadAllText(Path.Combine(folder, "report.html"));
        foreach (var chart in (string[])["learning-accuracy", "learning-nll", "learning-loss"])
            Assert.Contains($"id=\"{chart}-", page, StringComparison.Ordinal);
    }

    [Fact] // of 40 epochs twelve, among them the first and the last
    public void Long_training_is_a_short_table()
    {
        var folder = new SampleRun { Epochs = 40 }.Write(Few.Folder());
        Reports.Write(folder);
        var text = File.ReadAllText(Path.Combine(folder, "report.md"));
        var rows = Regex.Matches(text[text.IndexOf("*Loss on", StringComparison.Ordinal)..], @"^\| (\d+) \| 1\.00 ",
            RegexOptions.Multiline).Select(row => row.Groups[1].Value).ToList();
        Assert.Equal((12, "1", "40"), (rows.Count, rows[0], rows[^1]));
    }

    [Fact]
    public void A_pretrained_teacher_is_a_level()
    {
        var folder = new SampleRun { Given = true }.Write(Few.Folder());
        Reports.Write(folder);
        Assert.Contains("dashed: the teacher at its best", File.ReadAllText(Path.Combine(folder, "report.html")),
            StringComparison.Ordinal);
        Assert.Contains("| Epoch | Control | Student |", File.ReadAllLines(Path.Combine(folder, "report.md")));
    }
}
