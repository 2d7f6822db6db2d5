using Retort.Report;
using Retort.Tests.Contract;
using Retort.Training;

namespace Retort.Tests.Studies;

/// <summary>Run folders that are incomplete, damaged or contradictory.</summary>
public sealed class RefusedRunTests
{
    [Theory]
    [InlineData("networks/student-seed2/predictions.safetensors")]
    [InlineData("networks/teacher/latency.json")]
    [InlineData("networks/control-seed1/metrics.jsonl")]
    public void An_unfinished_run_is_named_by_what_is_missing(string file)
    {
        var folder = new SampleRun().Write(Few.Folder());
        File.Delete(Path.Combine(folder, file));
        var error = Assert.Throws<InvalidDataException>(() => Reports.Write(folder));
        Assert.Contains(file, error.Message.Replace('\\', '/'), StringComparison.Ordinal);
        Assert.Contains("not finished", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder, "results.json")));
    }

    [Fact]
    public void A_folder_that_is_no_run_is_refused()
    {
        var error = Assert.Throws<InvalidDataException>(() => Reports.Write(Few.Folder()));
        Assert.EndsWith("is no run folder: it has no run.json.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "control-seed2", "\"steps\": 600", "\"steps\": 700",
        "must share the number of steps; 700 came where the others have 600")]
    [InlineData("control-seed2", "\"seed\": 2", "\"seed\": 5", "must share the seed; 5 came where the others have 2")]
    [InlineData("student-seed1", "\"teacherHash\": \"", "\"teacherHash\": \"00", "must share the teacher; 00")]
    [InlineData(
        "student-seed1", "\"dataHash\": \"d0\"", "\"dataHash\": \"d1\"",
        "must share the data; d1 came where the others have d0")]
    public void Networks_that_share_less_than_a_pair_must_are_refused(
        string part, string text, string other, string sentence)
    {
        var folder = new SampleRun().Write(Few.Folder());
        var card = Path.Combine(folder, "networks", part, "config.json");
        Assert.Contains(text, File.ReadAllText(card), StringComparison.Ordinal);
        File.WriteAllText(card, File.ReadAllText(card).Replace(text, other, StringComparison.Ordinal));
        Assert.Contains(
            sentence, Assert.Throws<InvalidDataException>(() => Reports.Write(folder)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("networks/student-seed1/latency.json", "[", "null, [", null)]
    [InlineData(
        "networks/student-seed1/latency.json", "\"milliseconds\": [", "\"milliseconds\": null, \"x\": [",
        "does not describe how long a network takes: ")]
    [InlineData(
        "networks/student-seed1/config.json", "\"role\": \"student\"", "\"role\": null",
        "does not describe a network: ")]
    [InlineData("run.json", "\"recipe\": {", "\"recipe\": 1, \"x\": {", ": a recipe is an object; this one is none.")]
    [InlineData("run.json", "\"threads\": 1", "\"threads\": nul\n\n1", "does not describe a run: 'nul\\u000a")]
    [InlineData(
        "search.json", "[", "[null, ", "does not describe the search: a list in it has null where a value must stand.")]
    public void An_invalid_file_is_named_in_one_line(
        string name, string from, string to, string? sentence)
    {
        var folder = new SampleRun { Search = SampleRun.Rates((0.1, 0.5, 0.6)) }.Write(Few.Folder());
        var path = Path.Combine(folder, name);
        var (text, at) = (File.ReadAllText(path), 0);
        Assert.True((at = text.IndexOf(from, StringComparison.Ordinal)) >= 0, text);
        File.WriteAllText(path, text[..at] + to + text[(at + from.Length)..]);
        var message = Assert.Throws<InvalidDataException>(() => Reports.Write(folder)).Message;
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains(sentence ?? "does not describe", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Answers_that_are_missing_or_to_other_examples_are_named_by_file()
    {
        var folder = new SampleRun().Write(Few.Folder());
        var file = Path.Combine(folder, "networks", "student-seed2", "predictions.safetensors");
        var (validation, test) = (PredictionsFile.Read(file, "validation"), PredictionsFile.Read(file, "test"));
        PredictionsFile.Write(file, ("validation", validation));
        Assert.StartsWith(
            $"{file} has no predictions of the split \"test\".",
            Assert.Throws<InvalidDataException>(() => Reports.Write(folder)).Message, StringComparison.Ordinal);
        test.Ids[3]++;
        PredictionsFile.Write(file, ("validation", validation), ("test", test));
        Assert.Contains(
            "student-seed2", Assert.Throws<InvalidDataException>(() => Reports.Write(folder)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_that_are_no_numbers_are_named_by_file_and_row()
    {
        var folder = new SampleRun().Write(Few.Folder());
        var file = Path.Combine(folder, "networks", "control-seed2", "predictions.safetensors");
        var (validation, test) = (PredictionsFile.Read(file, "validation"), PredictionsFile.Read(file, "test"));
        test.Values[7] = float.NaN;
        PredictionsFile.Write(file, ("validation", validation), ("test", test));
        Assert.Equal($"{file}, test: Logits must be finite; row 2 has NaN for class 1.",
            Assert.Throws<InvalidDataException>(() => Reports.Write(folder)).Message);
    }

    [Fact]
    public void A_broken_line_of_the_metrics_is_named_by_its_number()
    {
        var folder = new SampleRun().Write(Few.Folder());
        var file = Path.Combine(folder, "networks", "student-seed1", "metrics.jsonl");
        File.WriteAllLines(file, [.. File.ReadAllLines(file)[..2], "{\"epoch\": 3,"]);
        Assert.StartsWith(
            $"{file}, line 3 does not describe an epoch: ",
            Assert.Throws<InvalidDataException>(() => Reports.Write(folder)).Message, StringComparison.Ordinal);
    }
}
