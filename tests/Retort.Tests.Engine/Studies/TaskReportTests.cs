using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Report;
using Retort.Runs;
using Retort.Tests.Contract;
using Retort.Tests.House;
using Retort.Training;

namespace Retort.Tests.Studies;

/// <summary>Reports of runs whose task is another than classification.</summary>
public sealed class TaskReportTests
{
    // 40 examples with one value each; predictions are off by so much, up and down in turn: MSE = error²
    static string Regression(string primary, double teacher, double control, double student)
    {
        var data = new DatasetInfo
        {
            Targets = TargetKind.Values, Classes = ["value"], Inputs = [TensorSpec.Features(2)],
        };
        var targets = Enumerable.Range(0, 40).Select(i => i / 10f).ToArray();
        return Run(new() { ["name"] = "regression", ["primary"] = primary }, data, primary, (role, seed) =>
        {
            var error = (role == "teacher" ? teacher : role == "control" ? control : student) * (1 + 0.01 * seed);
            return new()
            {
                Output = "logits", Width = 1, Labels = [.. targets.Select(_ => -1L)], Targets = targets,
                Ids = [.. Enumerable.Range(0, 40).Select(i => (long)i)],
                Values = [.. targets.Select((target, i) => (float)(target + (i % 2 == 0 ? error : -error)))],
            };
        });
    }

    // 40 examples without labels, embeddings of two numbers, turned by an angle from the teacher's: cosine = cos(angle)
    static string Embedding(double control, double student, bool labelled = false)
    {
        var data = new DatasetInfo
        {
            Targets = labelled ? TargetKind.Class : TargetKind.None, Classes = labelled ? ["a", "b"] : [],
            Inputs = [TensorSpec.Features(2)],
        };
        return Run(new() { ["name"] = "embedding", ["primary"] = labelled ? "knn1" : "cosine" }, data,
            labelled ? "knn_1" : "cosine", (role, seed) =>
        {
            var turn = role == "teacher" ? 0 : (role == "control" ? control : student) * (1 + 0.01 * seed);
            var angles = Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? 0.1 : 1.5) + 0.001 * i + turn).ToList();
            return new()
            {
                Output = "embedding", Width = 2,
                Labels = [.. angles.Select((_, i) => labelled ? i % 2 : -1L)],
                Ids = [.. Enumerable.Range(0, 40).Select(i => (long)i)],
                Values = [.. angles.SelectMany(angle => new[] { (float)Math.Cos(angle), (float)Math.Sin(angle) })],
            };
        });
    }

    static string Run(JsonObject task, DatasetInfo data, string primary, Func<string, int, Predictions> predict)
    {
        var folder = new SampleRun().Write(Few.Folder());
        foreach (var network in Directory.GetDirectories(Path.Combine(folder, "networks")))
        {
            var path = Path.Combine(network, "config.json");
            var config = JsonSerializer.Deserialize<NetworkConfig>(File.ReadAllText(path), Json.Indented)!;
            config = config with { Task = task.DeepClone(), Data = data };
            if (data.Targets == TargetKind.None && config.Role == "control")
                config = config with { Method = null, Steps = 0 };
            File.WriteAllText(path, JsonSerializer.Serialize(config, Json.Indented));
            var predictions = predict(config.Role, config.Seed);
            foreach (var name in (string[])[PredictionsFile.Name, PredictionsFile.LastEpochName])
                PredictionsFile.Write(Path.Combine(network, name), ("validation", predictions), ("test", predictions));
            if (data.Targets == TargetKind.Class)
                PredictionsFile.Write(Path.Combine(network, PredictionsFile.TrainingName), ("training", predictions));
            var metrics = Path.Combine(network, "metrics.jsonl");
            var lines = File.ReadAllText(metrics);
            File.WriteAllText(metrics, lines.Replace("\"accuracy\"", $"\"{primary}\"", StringComparison.Ordinal));
        }
        return folder;
    }

    static JsonNode Results(string folder) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "results.json")))!;

    [Fact]
    public void A_lower_mse_helps_and_the_gap_is_closed_downwards()
    {
        var folder = Regression("mse", teacher: 0.1, control: 0.5, student: 0.3);
        var results = Reports.Write(folder);
        // MSE is 0.5² · 1.01² to 1.03² for the control: mean .25 · 1.0404667
        Assert.Equal(0.25 * 1.0404667, results.Control!.Scores["mse"].Mean, tolerance: 1e-5);
        Assert.Equal(Outcome.Helped, results.Verdict!.Outcome);
        Assert.StartsWith("distillation lowered the MSE by 0.17 (", results.Verdict.Sentence, StringComparison.Ordinal);
        Assert.All(results.Pairs!, pair => Assert.True(pair.Difference < 0));
        Assert.Equal((0.09 - 0.25) / (0.01 - 0.25), results.GapClosed!.Value, tolerance: 1e-2);
        Assert.Contains("mse_to_teacher", results.Student.Scores.Keys);
        Assert.DoesNotContain("mse_to_teacher", results.Teacher!.Scores.Keys);
        Assert.Empty(new SchemaCheck(ResultsSchema.Make(), closed: true).Refusals(Results(folder)));
        var target = Assert.Single(Results(folder)["details"]!["targets"]!.AsArray())!;
        Assert.Equal(results.Student.Scores["mse"].Mean, (double)target["student"]!["mse"]!, tolerance: 1e-12);
        Assert.Empty(ReportCheck.Differences(folder));
    }

    [Fact]
    public void Neither_its_pages_nor_its_results_speak_of_accuracy()
    {
        var folder = Regression("pearson", teacher: 0.1, control: 0.5, student: 0.3);
        Reports.Write(folder);
        foreach (var file in (string[])["report.md", "report.html", "results.json"])
            Assert.DoesNotContain(
                "accuracy", File.ReadAllText(Path.Combine(folder, file)), StringComparison.OrdinalIgnoreCase);
        var page = File.ReadAllText(Path.Combine(folder, "report.html"));
        Assert.Contains("Pearson correlation on validation", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_score_that_is_no_share_is_not_ranked_by_the_distillation_score() => Assert.EndsWith(
        "The distillation score needs a share of which more is better, as accuracy; sample is scored by MSE.",
        Assert.Throws<InvalidDataException>(() => Ranking.Of([Named(Regression("mse", 0.1, 0.5, 0.3))])).Message,
        StringComparison.Ordinal);

    [Fact] // two runs of one configuration: paired, without a distillation score
    public void A_score_of_which_less_is_better_is_compared_by_its_paired_differences()
    {
        string[] runs = [Regression("mse", 0.1, 0.5, 0.4), Regression("mse", 0.1, 0.5, 0.2)];
        var comparison = RunComparison.Of(runs);
        var pair = Assert.Single(comparison.Paired);
        Assert.Equal((pair.Second, true), (pair.Better, pair.Difference.Mean > 0));
        Assert.Contains(" raised the MSE by ", pair.Sentence, StringComparison.Ordinal);
        Assert.Null(comparison.Ranking);
        Assert.EndsWith("is scored by MSE.", comparison.Unranked, StringComparison.Ordinal);
        Assert.Contains("First − second, MSE (lower is better)", ComparisonPages.PairedRows(comparison)[0]);
    }

    // a student is called as its folder is
    static string Named(string folder)
    {
        var named = Path.Combine(Few.Folder(), "sample");
        Directory.Move(folder, named);
        return named;
    }

    [Fact] // without labels there is nothing to train a control with
    public void Embeddings_without_labels_have_the_cosine_to_the_teacher_and_a_control_that_is_not_trained()
    {
        var folder = Embedding(control: 0.4, student: 0.2);
        var results = Reports.Write(folder);
        // cos(0.2 s) - cos(0.4 s) for s = 1.01, 1.02, 1.03: 0.060, 0.061, 0.062
        var sentence = results.Verdict!.Sentence;
        Assert.StartsWith(
            "distillation gained 0.061 of cosine to the teacher (0.0", sentence, StringComparison.Ordinal);
        Assert.EndsWith(" over its initial weights", sentence, StringComparison.Ordinal);
        var page = File.ReadAllText(Path.Combine(folder, "report.md"));
        Assert.Contains("| Control | mlp, not trained, seeds 1, 2, 3 |", page, StringComparison.Ordinal);
        Assert.Null(results.GapClosed);
        Assert.Equal(Math.Cos(0.2 * 1.01), results.Student.Scores["cosine"].Values[0], tolerance: 1e-5);
        Assert.Empty(results.Teacher!.Scores);
        Assert.Equal(("cosine", 3), (results.Task.Primary, results.Task.Scores.Count));
    }

    [Fact]
    public void Embeddings_with_labels_are_scored_by_their_stored_predictions_on_the_training_split()
    {
        var folder = Embedding(control: 0.4, student: 0.2, labelled: true);
        var results = Reports.Write(folder);
        Assert.Equal((1, 1), (results.Student.Scores["knn_1"].Mean, results.Teacher!.Scores["knn_1"].Mean));
        Assert.DoesNotContain("knn_1", results.Student.LastEpoch!.Keys);    // those predictions are of the best weights
        File.Delete(Path.Combine(folder, "networks", "control-seed2", PredictionsFile.TrainingName));
        Assert.Equal("control-seed2: the task's primary score \"knn_1\" cannot be computed from the stored "
            + "predictions; predictions-training.safetensors is missing.",
            Assert.Throws<InvalidDataException>(() => Reports.Write(folder)).Message);
    }

    [Fact]
    public void Results_of_the_format_before_are_refused_in_one_sentence()
    {
        var folder = new SampleRun().Write(Few.Folder());
        Reports.Write(folder);
        var path = Path.Combine(folder, "results.json");
        var text = File.ReadAllText(path);
        File.WriteAllText(path, text.Replace("\"format\": 2", "\"format\": 1", StringComparison.Ordinal));
        Assert.Equal($"{path} has format 1; this version reads format 2.",
            Assert.Throws<InvalidDataException>(() => Reports.Read(folder)).Message);
    }
}
