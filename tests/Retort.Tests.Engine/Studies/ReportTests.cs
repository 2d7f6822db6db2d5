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
            var answers = PredictionsFile.Read(
                Path.Combine(folder, "networks", $"student-seed{seed}", "predictions.safetensors"), "test");
            var right = answers.Labels.Index().Count(label => answers.Values.AsSpan(label.Index * 3, 3).IndexOf(
                answers.Values.AsSpan(label.Index * 3, 3).ToArray().Max()) == label.Item);
            Assert.Equal(right / 120.0, results.Student.Scores["accuracy"].Values[seed - 1]);
            Assert.Equal(
                results.Pairs![seed - 1].Student - results.Pairs[seed - 1].Control, results.Pairs[seed - 1].Difference,
                tolerance: 1e-12);
        }
        Assert.Equal(
            results.Pairs!.Average(pair => pair.Difference), results.Verdict!.Difference.Mean, tolerance: 1e-12);
        var details = SampleRun.DetailsOf(results);
        Assert.Equal(120, details.Classes.Sum(one => one.Examples));
        // 40 of each class
        Assert.Equal(
            results.Student.Scores["accuracy"].Mean, details.Classes.Average(one => one.Student), tolerance: 1e-12);
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
        Assert.True(
            json["teacher"]!["scores"]!["accuracy"]!.AsObject().TryGetPropertyValue("sd", out var sd) && sd is null);
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
        Assert.DoesNotContain(
            Directory.EnumerateFiles(folder), file => file.EndsWith(".new", StringComparison.Ordinal));
    }

    [Fact]
    public void The_page_asks_nothing_of_anywhere_else()
    {
        var run = new SampleRun { Search = SampleRun.Rates((0.05, 0.8, 0.9), (0.1, 0.7, 0.8)) };
        var page = Page(run, SampleRun.Data(run));
        Assert.DoesNotMatch(Elsewhere(), page);
        // every stroke has one of the page's colors
        Assert.DoesNotMatch(Unpainted(), page);
        Assert.DoesNotContain("font-family", page, StringComparison.Ordinal);     // nor a font of this machine
        var ids = Id().Matches(page).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(ids.Distinct(), ids);
        foreach (Match used in Used().Matches(page)) Assert.Contains(used.Groups[1].Value, ids);
    }

    [Theory]
    [InlineData(
        1000, "share initial weights, order, augmentation and number of steps",
        "in the same order, without the teacher")]
    [InlineData(
        100,
        "share initial weights and number of steps. The control is trained on the 100 labelled examples alone, again "
            + "and again; the student on all 1,000",
        "on the labelled examples, without the teacher")]
    public void What_a_pair_shares_depends_on_the_examples_of_each(int labelled, string pairs, string control)
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
        var run = new SampleRun
        {
            Name = "<img src=x onerror=alert(1)>", ControlSkill = 0.5, StudentSkill = 0.5,
            Classes = ["<script>alert(1)</script>", "a|b", "\"quoted\" & 'so'"],
        };
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
        // byte i of the picture is i · (position + 3) mod 256
        var times = misclassified[0].Position + 3;
        var first = (12 * 5 + 4) * channels;                                          // row 5, column 4
        var expected = channels == 1 ? new[] { first, first, first } : [first, first + 1, first + 2];
        var pixel = decoded.GetPixel(4, 5);
        Assert.Equal(expected.Select(i => (byte)(i * times)), [pixel.Red, pixel.Green, pixel.Blue]);
        Assert.Empty(Picture().Matches(Page(run, null)));
    }

    [Fact]
    public void One_image_is_called_one()
    {
        var run = Enumerable.Range(4, 40)
            .Select(count => new SampleRun { Test = count, StudentSkill = 2 })
            .First(one => SampleRun.DetailsOf(Reports.Write(one.Write(Few.Folder()))).Misclassified.Count == 1);
        Assert.Contains("1 test image that the teacher predicts correctly", Page(run, SampleRun.Data(run, 1)));
    }

    [Fact]
    public void Data_of_another_run_is_refused()
    {
        var run = new SampleRun();
        var folder = run.Write(Few.Folder());
        var error = Assert.Throws<InvalidDataException>(
            () => Reports.Write(folder, SampleRun.Data(run, hash: "other")));
        Assert.Contains("made data has other now", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder, "results.json")));
    }

    [Fact]
    public void Without_a_teacher_nothing_is_compared()
    {
        var folder = new SampleRun { Taught = false }.Write(Few.Folder());
        var results = Reports.Write(folder);
        Assert.Null(results.Verdict);
        Assert.False(
            JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "results.json")))!.AsObject().ContainsKey("control"));
        Assert.DoesNotContain("Control", File.ReadAllText(Path.Combine(folder, "report.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Many_classes_are_listed_instead_of_mapped()
    {
        var run = new SampleRun { Classes = [.. Enumerable.Range(0, 30).Select(i => $"kind {i}")] };
        Assert.DoesNotContain("class=\"heat\"", Page(run, null), StringComparison.Ordinal);
        Assert.Contains("class=\"heat\"", Page(new SampleRun(), null), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_examples_are_not_compared_with_the_teachers()
    {
        var (one, other) = (Of(5, 6), Of(6, 5));
        var task = new ClassificationOptions().Build(new() { Classes = ["a", "b"], Inputs = [TensorSpec.Features(2)] });
        Assert.Equal(1, task.Evaluate(one, one)["agreement"]);
        Assert.Throws<InvalidOperationException>(() => task.Evaluate(one, other));

        static Predictions Of(params long[] ids) =>
            new() { Output = "logits", Values = [1, 0, 0, 1], Width = 2, Labels = [0, 1], Ids = ids };
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
        Assert.Empty(
            new SchemaCheck(ResultsSchema.Make(), closed: true).Refusals(
                JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "results.json")))));
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
        Assert.Contains(
            lines, line => line.StartsWith("| Teacher | pretrained: {\"name\":\"onnx\"", StringComparison.Ordinal));
        Assert.Contains(
            "What the teacher costs is not known", File.ReadAllText(Path.Combine(folder, "report.html")),
            StringComparison.Ordinal);
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
