using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Retort.Report;
using Retort.Runs;
using Retort.Studies;
using Retort.Tasks;
using Retort.Tests.Contract;
using Retort.Tests.House;
using Retort.Training;

namespace Retort.Tests.Studies;

/// <summary>From a finished run folder to its three files.</summary>
public sealed partial class ReportTests
{
    [Fact]
    public void Figures_are_those_of_the_predictions_in_the_order_of_the_seeds()
    {
        var folder = new SampleRun().Write(Few.Folder());
        var results = Reports.Write(folder);
        Assert.Equal([1, 2, 3], results.Seeds);
        for (var seed = 1; seed <= 3; seed++)
        {
            var answers = PredictionsFile.Read(Path.Combine(folder, "networks", $"student-seed{seed}", "predictions.safetensors"), "test");
            var right = answers.Labels.Index().Count(label => answers.Values.AsSpan(label.Index * 3, 3).IndexOf(
                answers.Values.AsSpan(label.Index * 3, 3).ToArray().Max()) == label.Item);
            Assert.Equal(right / 120.0, results.Student.Scores["accuracy"].Values[seed - 1]);
            Assert.Equal(results.Pairs![seed - 1].Student - results.Pairs[seed - 1].Control, results.Pairs[seed - 1].Difference, tolerance: 1e-12);
        }
        Assert.Equal(results.Pairs!.Average(pair => pair.Difference), results.Verdict!.Difference.Mean, tolerance: 1e-12);
        var details = SampleRun.DetailsOf(results);
        Assert.Equal(120, details.Classes.Sum(one => one.Examples));
        Assert.Equal(results.Student.Scores["accuracy"].Mean, details.Classes.Average(one => one.Student), tolerance: 1e-12);   // 40 of each class
        Assert.Equal(360, details.Student.Reliability.Sum(bin => bin.Count));
    }

    [Fact]
    public void Results_have_the_keys_that_scripts_read()
    {
        var folder = new SampleRun().Write(Few.Folder());
        Reports.Write(folder);
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "results.json")))!;
        Assert.Equal("helped", (string?)json["verdict"]!["outcome"]);
        Assert.Equal(3, (int)json["verdict"]!["pairs"]!);
        Assert.Equal((2, "classification", "accuracy"),
            ((int)json["format"]!, (string?)json["task"]!["name"], (string?)json["task"]!["primary"]));
        Assert.Equal(["accuracy", "nll", "ece", "macro_f1", "mcc", "agreement", "kl"],
            json["task"]!["scores"]!.AsArray().Select(score => (string?)score!["name"]));
        foreach (var figure in new[] { "accuracy", "nll", "ece", "macro_f1", "mcc", "agreement", "kl" })
        {
            Assert.Equal(3, json["student"]!["scores"]![figure]!["values"]!.AsArray().Count);
            Assert.Equal(3, json["control"]!["lastEpoch"]![figure]!["values"]!.AsArray().Count);
            Assert.Equal(3, json["control"]!["validation"]![figure]!["values"]!.AsArray().Count);
        }
        Assert.True(json["teacher"]!["scores"]!["accuracy"]!.AsObject().TryGetPropertyValue("sd", out var sd) && sd is null);
        Assert.False(json["teacher"]!["scores"]!.AsObject().ContainsKey("agreement"));
        Assert.Equal(4210, (long)json["student"]!["cost"]!["parameters"]!);
    }

    [Fact]
    public void What_was_written_is_read_back_and_written_again_alike()
    {
        var folder = new SampleRun().Write(Few.Folder());
        Reports.Write(folder);
        string[] names = ["results.json", "report.md", "report.html"];
        var first = names.Select(name => File.ReadAllText(Path.Combine(folder, name))).ToList();
        var read = Reports.Read(folder);
        Reports.Write(folder);
        Assert.Equal(first, names.Select(name => File.ReadAllText(Path.Combine(folder, name))));
        Assert.Equal(first[0], System.Text.Json.JsonSerializer.Serialize(read, Json.Indented) + "\n");
        Assert.DoesNotContain(Directory.EnumerateFiles(folder), file => file.EndsWith(".new", StringComparison.Ordinal));
    }

    [Fact]
    public void The_page_asks_nothing_of_anywhere_else()
    {
        var run = new SampleRun { Search = SampleRun.Rates((0.05, 0.8, 0.9), (0.1, 0.7, 0.8)) };
        var page = Page(run, SampleRun.Data(run));
        Assert.DoesNotMatch(Elsewhere(), page);
        Assert.DoesNotMatch(Unpainted(), page);                                   // every stroke has one of the page's colours
        Assert.DoesNotContain("font-family", page, StringComparison.Ordinal);     // nor a font of this machine
        var ids = Id().Matches(page).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(ids.Distinct(), ids);
        foreach (Match used in Used().Matches(page)) Assert.Contains(used.Groups[1].Value, ids);
    }

    [Theory]
    [InlineData(1000, "share initial weights, order, augmentation and number of steps", "in the same order, without the teacher")]
    [InlineData(100, "share initial weights and number of steps. The control is trained on the 100 labelled examples alone, again and again; the student on all 1,000", "on the labelled examples, without the teacher")]
    public void What_a_pair_shares_depends_on_who_is_shown_which_examples(int labelled, string pairs, string control)
    {
        var run = new SampleRun { Examples = new(1000, labelled, 60, 120) };
        var folder = run.Write(Few.Folder());
        Reports.Write(folder);
        Assert.Contains(pairs, File.ReadAllText(Path.Combine(folder, "report.md")), StringComparison.Ordinal);
        var page = File.ReadAllText(Path.Combine(folder, "report.html"));
        Assert.Contains(pairs, page, StringComparison.Ordinal);
        Assert.Contains(control, page, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_cannot_write_into_the_page()
    {
        var run = new SampleRun { Name = "<img src=x onerror=alert(1)>", Classes = ["<script>alert(1)</script>", "a|b", "\"quoted\" & 'so'"], ControlSkill = 0.5, StudentSkill = 0.5 };
        var folder = run.Write(Few.Folder());
        Reports.Write(folder, SampleRun.Data(run));
        var page = File.ReadAllText(Path.Combine(folder, "report.html"));
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", page, StringComparison.Ordinal);
        var plain = File.ReadAllText(Path.Combine(folder, "report.md"));
        Assert.DoesNotContain("<script", plain, StringComparison.Ordinal);
        Assert.Contains("a\\|b", plain, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Pictures_come_with_the_data(int channels)
    {
        var run = new SampleRun { StudentSkill = 0.5 };
        var results = Reports.Write(run.Write(Few.Folder()), SampleRun.Data(run, channels));
        var misclassified = SampleRun.DetailsOf(results).Misclassified;
        Assert.NotEmpty(misclassified);
        var pictures = Picture().Matches(Page(run, SampleRun.Data(run, channels)));
        Assert.Equal(misclassified.Count, pictures.Count);
        using var decoded = SkiaSharp.SKBitmap.Decode(Convert.FromBase64String(pictures[0].Groups[1].Value));
        var times = misclassified[0].Position + 3;                                   // byte i of the picture is i · (position + 3) mod 256
        var first = (12 * 5 + 4) * channels;                                          // row 5, column 4
        var expected = channels == 1 ? new[] { first, first, first } : [first, first + 1, first + 2];
        var pixel = decoded.GetPixel(4, 5);
        Assert.Equal(expected.Select(i => (byte)(i * times)), [pixel.Red, pixel.Green, pixel.Blue]);
        Assert.Empty(Picture().Matches(Page(run, null)));
    }

    [Fact]
    public void Data_of_another_run_is_refused()
    {
        var run = new SampleRun();
        var folder = run.Write(Few.Folder());
        var error = Assert.Throws<InvalidDataException>(() => Reports.Write(folder, SampleRun.Data(run, hash: "other")));
        Assert.Contains("made data has other now", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder, "results.json")));
    }

    [Fact]
    public void Without_a_teacher_nothing_is_compared()
    {
        var folder = new SampleRun { Taught = false }.Write(Few.Folder());
        var results = Reports.Write(folder);
        Assert.Null(results.Verdict);
        Assert.False(JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "results.json")))!.AsObject().ContainsKey("control"));
        Assert.DoesNotContain("Control", File.ReadAllText(Path.Combine(folder, "report.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Many_classes_are_listed_instead_of_mapped()
    {
        var run = new SampleRun { Classes = [.. Enumerable.Range(0, 30).Select(i => $"kind {i}")] };
        Assert.DoesNotContain("class=\"heat\"", Page(run, null), StringComparison.Ordinal);
        Assert.Contains("class=\"heat\"", Page(new SampleRun(), null), StringComparison.Ordinal);
    }

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
    public void A_folder_that_is_no_run_is_said_to_be_none()
    {
        var error = Assert.Throws<InvalidDataException>(() => Reports.Write(Few.Folder()));
        Assert.EndsWith("is no run folder: it has no run.json.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("control-seed2", "\"steps\": 600", "\"steps\": 700", "must share the number of steps; 700 came where the others have 600")]
    [InlineData("control-seed2", "\"seed\": 2", "\"seed\": 5", "must share the seed; 5 came where the others have 2")]
    [InlineData("student-seed1", "\"teacherHash\": \"", "\"teacherHash\": \"00", "must share the teacher; 00")]
    [InlineData("student-seed1", "\"dataHash\": \"d0\"", "\"dataHash\": \"d1\"", "must share the data; d1 came where the others have d0")]
    public void Networks_that_share_less_than_a_pair_must_are_refused(string part, string text, string other, string sentence)
    {
        var folder = new SampleRun().Write(Few.Folder());
        var card = Path.Combine(folder, "networks", part, "config.json");
        Assert.Contains(text, File.ReadAllText(card), StringComparison.Ordinal);
        File.WriteAllText(card, File.ReadAllText(card).Replace(text, other, StringComparison.Ordinal));
        Assert.Contains(sentence, Assert.Throws<InvalidDataException>(() => Reports.Write(folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("networks/student-seed1/latency.json", "[", "null, [", null)]
    [InlineData("networks/student-seed1/latency.json", "\"milliseconds\": [", "\"milliseconds\": null, \"x\": [", "does not describe how long a network takes: ")]
    [InlineData("networks/student-seed1/config.json", "\"role\": \"student\"", "\"role\": null", "does not describe a network: ")]
    [InlineData("run.json", "\"recipe\": {", "\"recipe\": 1, \"x\": {", ": a recipe is an object; this one is none.")]
    [InlineData("run.json", "\"threads\": 1", "\"threads\": nul\n\n1", "does not describe a run: 'nul\\u000a")]
    [InlineData("search.json", "[", "[null, ", "does not describe the search: a list in it has null where a value must stand.")]
    public void A_file_that_says_what_cannot_be_is_named_in_one_line(string name, string from, string to, string? sentence)
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
        Assert.StartsWith($"{file} has no predictions of the split \"test\".", Assert.Throws<InvalidDataException>(() => Reports.Write(folder)).Message, StringComparison.Ordinal);
        test.Ids[3]++;
        PredictionsFile.Write(file, ("validation", validation), ("test", test));
        Assert.Contains("student-seed2", Assert.Throws<InvalidDataException>(() => Reports.Write(folder)).Message, StringComparison.Ordinal);
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
        Assert.StartsWith($"{file}, line 3 does not describe an epoch: ", Assert.Throws<InvalidDataException>(() => Reports.Write(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_examples_are_not_compared_with_the_teachers()
    {
        Predictions one = new() { Output = "logits", Values = [1, 0, 0, 1], Width = 2, Labels = [0, 1], Ids = [5, 6] };
        Predictions other = new() { Output = "logits", Values = [1, 0, 0, 1], Width = 2, Labels = [0, 1], Ids = [6, 5] };
        var task = new ClassificationOptions().Build(new() { Classes = ["a", "b"], Inputs = [TensorSpec.Features(2)] });
        Assert.Equal(1, task.Evaluate(one, one)["agreement"]);
        Assert.Throws<InvalidOperationException>(() => task.Evaluate(one, other));
    }

    [Fact] // RETORT_WRITE_DOCS=1 writes it anew
    public void The_schema_in_docs_is_that_of_the_records()
    {
        var path = Repository.At("docs/results.schema.json");
        var made = ResultsSchema.Make().ToJsonString(Json.Indented) + "\n";
        if (Environment.GetEnvironmentVariable("RETORT_WRITE_DOCS") == "1") File.WriteAllText(path, made);
        Assert.Equal(made, File.ReadAllText(path));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Results_fit_their_schema(bool taught)
    {
        var folder = new SampleRun { Taught = taught, Search = SampleRun.Rates((0.05, 0.8, 0.9)) }.Write(Few.Folder());
        Reports.Write(folder);
        Assert.Empty(new SchemaCheck(ResultsSchema.Make(), closed: true).Refusals(JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "results.json")))));
    }

    [Fact] // what the teacher takes is not known: no figure stands where one would be made up
    public void A_given_teacher_that_cannot_be_looked_into_has_no_cost_no_steps_and_no_ratio()
    {
        var folder = new SampleRun { Given = true }.Write(Few.Folder());
        Assert.Null(Reports.Write(folder).Teacher!.Cost);
        var results = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "results.json")))!;
        Assert.Empty(new SchemaCheck(ResultsSchema.Make(), closed: true).Refusals(results));
        string[] unknown = ["cost", "latency", "lastEpoch", "method", "training", "steps"];
        Assert.Empty(results["teacher"]!.AsObject().Select(pair => pair.Key).Intersect(unknown));
        var lines = File.ReadAllLines(Path.Combine(folder, "report.md"));
        Assert.Contains("| Parameters | – | 4,210 | – |", lines);
        Assert.Contains(lines, line => line.StartsWith("| Accuracy, last epoch, % | – | ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("| Teacher | pretrained: {\"name\":\"onnx\"", StringComparison.Ordinal));
        Assert.Contains("What the teacher costs is not known", File.ReadAllText(Path.Combine(folder, "report.html")), StringComparison.Ordinal);
    }

    static string Page(SampleRun run, Dataset? data)
    {
        var folder = run.Write(Few.Folder());
        Reports.Write(folder, data);
        return File.ReadAllText(Path.Combine(folder, "report.html"));
    }

    [GeneratedRegex("https?:|@import|url\\((?!#)|<script|<link|src=\"(?!data:)|href=")]
    private static partial Regex Elsewhere();

    [GeneratedRegex("#A1[0-9A-F]{2}F3|(fill|stroke)=\"(?!none)")]
    private static partial Regex Unpainted();

    [GeneratedRegex(" id=\"([^\"]+)\"")]
    private static partial Regex Id();

    [GeneratedRegex("(?:url\\(#|for=\")([^)\"]+)")]
    private static partial Regex Used();

    [GeneratedRegex("data:image/png;base64,([^\"]+)")]
    private static partial Regex Picture();
}
