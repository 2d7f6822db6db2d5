using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Studies;
using Retort.Tests.Contract;
using Retort.Tests.Recipes;
using Retort.Training;

namespace Retort.Tests.Studies;

public sealed class ReportCheckTests
{
    [Fact]
    public void A_report_follows_from_its_files_and_a_changed_figure_is_named()
    {
        var sample = new SampleRun { Search = SampleRun.Rates((0.05, 0.8, 0.9)) };
        var folder = sample.Write(Few.Folder());
        var results = Reports.Write(folder, SampleRun.Data(sample));
        Assert.Empty(ReportCheck.Differences(folder, SampleRun.Data(sample)));

        var path = Path.Combine(folder, "results.json");
        var written = File.ReadAllText(path);
        var figure = results.Student.Scores["accuracy"].Values[1].ToString(
            "R", System.Globalization.CultureInfo.InvariantCulture);
        File.WriteAllText(path, written.Replace(figure, "0.99", StringComparison.Ordinal));
        Assert.Contains(
            ReportCheck.Differences(folder, SampleRun.Data(sample)),
            line => line.StartsWith(
                $"{path}: student.scores.accuracy.values.1 is 0.99; its files give {figure}",
                StringComparison.Ordinal));
        File.WriteAllText(path, written.Replace("\"gapClosed\"", "\"gap\"", StringComparison.Ordinal));
        Assert.Equal(2, ReportCheck.Differences(folder, SampleRun.Data(sample)).Count);
        File.WriteAllText(path, written);

        foreach (var page in (string[])["report.md", "report.html"])
        {
            var whole = Path.Combine(folder, page);
            var text = File.ReadAllText(whole);
            File.WriteAllText(whole, text.Replace("Agreement with the teacher", "Agreement", StringComparison.Ordinal));
            Assert.StartsWith(
                $"{whole}, line ", Assert.Single(ReportCheck.Differences(folder, SampleRun.Data(sample))),
                StringComparison.Ordinal);
            File.WriteAllText(whole, text);
        }
    }

    [Fact]
    public void Answers_that_are_not_those_of_the_report_are_seen()
    {
        var (one, other) = (
            new SampleRun().Write(Few.Folder()), new SampleRun { StudentSkill = 2.6 }.Write(Few.Folder()));
        Reports.Write(one);
        File.Copy(
            Path.Combine(other, "networks", "student-seed2", "predictions.safetensors"),
            Path.Combine(one, "networks", "student-seed2", "predictions.safetensors"), overwrite: true);
        Assert.Contains(
            ReportCheck.Differences(one),
            line => line.Contains("student.scores.nll.values.1 is ", StringComparison.Ordinal));
    }

    [Fact] // its pictures alone are left out of what is compared
    public void A_page_with_pictures_is_checked_where_the_data_is_not_at_hand()
    {
        var sample = new SampleRun();
        var folder = sample.Write(Few.Folder());
        Reports.Write(folder, SampleRun.Data(sample));
        var page = Path.Combine(folder, "report.html");
        var text = File.ReadAllText(page);
        Assert.Contains(ExampleImages.Address, text, StringComparison.Ordinal);
        Assert.Empty(ReportCheck.Differences(folder));
        File.WriteAllText(page, text.Replace("Agreement with the teacher", "Agreement", StringComparison.Ordinal));
        Assert.Single(ReportCheck.Differences(folder));
        Reports.Write(folder);
        Assert.Empty(ReportCheck.Differences(folder));
    }

    [Fact] // results.json says that a run is finished: it is not to be there without the pages
    public void Results_are_written_last()
    {
        var folder = new SampleRun().Write(Few.Folder());
        Directory.CreateDirectory(Path.Combine(folder, "report.html", "in the way"));
        Assert.ThrowsAny<Exception>(() => Reports.Write(folder));
        Assert.True(File.Exists(Path.Combine(folder, "report.md")));
        Assert.False(File.Exists(Path.Combine(folder, "results.json")));
    }

    [Theory] // the generations of a procedure, and the answers on what was learned from, are evidence as any other
    [InlineData("""{ "name": "sdls", "generations": 2 }""", "student-seed1/generation-0/predictions.safetensors")]
    [InlineData("""{ "name": "beta" }""", "student-seed1/predictions-training.safetensors")]
    public void Scores_of_stages_and_training_predictions_are_computed_again(string method, string file)
    {
        var options = Recipe.Read<MethodOptions>(JsonNode.Parse(method)!, "the test");
        var recipe = TestRuns.Recipe() with { Teacher = null, Method = options };
        var folder = Experiment.Run(recipe, new() { Folder = TestRuns.Folder() });
        Assert.Empty(ReportCheck.Differences(folder));

        var path = Path.Combine(folder, "networks", file);
        var part = file.EndsWith("training.safetensors", StringComparison.Ordinal) ? "training" : "test";
        var changed = PredictionsFile.Read(path, part);
        for (var i = 0; i < changed.Values.Length; i++) changed.Values[i] *= 2;
        List<(string, Predictions)> splits = [(part, changed)];
        if (part == "test") splits.Add(("validation", PredictionsFile.Read(path, "validation")));
        PredictionsFile.Write(path, splits);
        Assert.NotEmpty(ReportCheck.Differences(folder));
    }
}
