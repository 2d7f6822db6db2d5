using System.Text.Json.Nodes;
using Retort.Data;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Tensors.Files;
using Retort.Training;

namespace Retort.Tests.Recipes;

public sealed class SearchTests
{
    internal static readonly SearchedOptions Temperature =
        new ChoiceOptions { Option = "method.temperature", Values = [1, 4] };
    internal static readonly SearchedOptions Weight =
        new RangeOptions { Option = "method.softWeight", From = 0.1, To = 0.9, Steps = 3 };
    static readonly SearchedOptions Taught =
        new ChoiceOptions { Option = "teacher.network.hidden.0", Values = [2, 16] };
    internal static readonly SearchedOptions Rate =
        new RangeOptions { Option = "training.learningRate", From = 0.01, To = 1, Scale = RangeScale.Log, Steps = 3 };

    internal static Recipe Recipe(StrategyOptions strategy, params IReadOnlyList<SearchedOptions> over) =>
        TestRuns.Recipe() with
        {
            Search = new() { Over = over, Strategy = strategy },
            Training = new() { Epochs = 4, BatchSize = 16 },
        };

    // 4 steps an epoch; rungs of 1, 2, 4 epochs: 4 trials do 4 steps, 2 of them 4 more, 1 of those 8 more: 32 a side
    [Fact]
    public void Rungs_go_on_from_their_checkpoints_and_no_trial_writes_a_figure_of_the_test()
    {
        var recipe = Recipe(new HalvingOptions { Trials = 4 }, Rate, Weight);
        var run = Experiment.Run(recipe, new() { Folder = TestRuns.Folder() });
        foreach (var side in (string[])["student", "control"])
        {
            var marks = Directory.EnumerateFiles(
                Path.Combine(run, "search"), "rung-*.json", SearchOption.AllDirectories)
                .Where(path => path.Contains($"{side}-0", StringComparison.Ordinal)
                    && !(bool)TestRuns.Json(path)["isSkipped"]!)
                .ToList();
            Assert.Equal(4 + 2 + 1, marks.Count);
            Assert.Equal(32, marks.Sum(path => (long)TestRuns.Json(path)["steps"]!));
        }
        AssertUntested(run);
        Assert.Empty(
            Directory.GetFiles(Path.Combine(run, "search"), "checkpoint.safetensors", SearchOption.AllDirectories));

        // the winner is the best by its own table, its options are those of the reported
        // networks, and only they were tested
        var results = Reports.Read(run);
        var (student, control) = (results.Search!.Student, results.Search.Control!);
        Assert.Equal(
            student.Trials.Where(trial => trial.Scores.Count == 3).Max(trial => trial.Scores[^1].Score),
            student.Best.Scores[^1].Score);
        Assert.Equal(
            (double)student.Best.Settings["method.softWeight"],
            (double)TestRuns.Card(run, "student-seed1").Method!["softWeight"]!);
        Assert.Equal(
            (double)student.Best.Settings["training.learningRate"],
            (double)TestRuns.Card(run, "student-seed1").Training!["learningRate"]!);
        Assert.Equal(
            (double)control.Best.Settings["training.learningRate"],
            (double)TestRuns.Card(run, "control-seed1").Training!["learningRate"]!);
        Assert.Contains(
            "Search: the student's trials", File.ReadAllText(Path.Combine(run, "report.md")), StringComparison.Ordinal);
        Assert.Contains("id=\"search-", File.ReadAllText(Path.Combine(run, "report.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void Stopped_at_any_moment_a_search_finds_the_same()
    {
        var recipe = Recipe(new HalvingOptions { Trials = 4 }, Rate, Weight, Taught) with
        {
            Training = new() { Epochs = 4, BatchSize = 16, CheckpointSeconds = 0 },
        };
        var (whole, broken) = (TestRuns.Folder(), TestRuns.Folder());
        Experiment.Run(recipe, new() { Folder = whole });
        foreach (var at in (int[])[2, 3, 5, 9])
        {
            using var stop = new CancellationTokenSource();
            var ends = 0;
            Assert.Throws<OperationCanceledException>(() => Experiment.Run(
                recipe, new() { Folder = broken, Resume = true }, new Epochs(_ => { if (++ends == at) stop.Cancel(); }),
                stop.Token));
        }
        Experiment.Run(recipe, new() { Folder = broken, Resume = true });
        Assert.Equal(
            File.ReadAllText(Path.Combine(whole, "search.json")),
            File.ReadAllText(Path.Combine(broken, "search.json")));
        TestRuns.AssertAlike(whole, broken);
    }

    [Fact]
    public void Trials_side_by_side_find_what_one_after_another_do()
    {
        var recipe = Recipe(new HalvingOptions { Trials = 3 }, Rate, Taught) with { Threads = 1 };
        var (alone, together) = (TestRuns.Folder(), TestRuns.Folder());
        Experiment.Run(recipe, new() { Folder = alone });
        Experiment.Run(
            recipe, new() { Folder = together, Cores = 2, Jobs = 2, Child = run => TestRuns.Start("work", run) });
        TestRuns.AssertAlike(alone, together);
    }

    [Fact] // a rate at which the loss is no number
    public void A_trial_that_diverges_is_last_and_named_and_a_search_of_nothing_else_stops()
    {
        var run = Experiment.Run(Recipe(new GridOptions(), Rates(1e38, 0.05)), new() { Folder = TestRuns.Folder() });
        var side = Reports.Read(run).Search!.Student;
        Assert.Equal(
            (2, (double?)null, (double?)null),
            (side.Chosen, side.Trials[0].Scores[0].Score, side.Trials[0].Scores[0].TieBreaker));
        var error = Assert.Throws<DivergedException>(
            () => Experiment.Run(Recipe(new GridOptions(), Rates(1e37, 1e38)), new() { Folder = TestRuns.Folder() }));
        Assert.StartsWith("No trial of the student's search can be used", error.Message, StringComparison.Ordinal);

        static SearchedOptions Rates(params double[] values) => new ChoiceOptions
        {
            Option = "training.learningRate",
            Values = [.. values.Select(value => JsonValue.Create(value))],
        };
    }

    // two teachers of two trials each; the reported networks are those that the recipe with
    // the winner's options trains by itself
    [Fact]
    public void A_search_over_the_teacher_trains_each_once_and_the_best_students_is_the_runs()
    {
        var recipe = Recipe(new GridOptions(), Taught, Temperature, Rate);
        var run = Experiment.Run(recipe, new() { Folder = TestRuns.Folder() });
        Assert.Equal(
            ["teacher-001-seed1", "teacher-002-seed1"],
            Directory.GetDirectories(Path.Combine(run, "search"), "teacher-*").Select(Path.GetFileName).Order());
        AssertUntested(run);
        foreach (var trial in new SearchPlan(recipe).Student)
        {
            var of = (int)trial.Settings[0].Value == 2 ? "teacher-001-seed1" : "teacher-002-seed1";
            Assert.Equal(
                Hash(Path.Combine(run, "search", of)),
                (string?)TestRuns.Json(
                    Path.Combine(run, "search", $"student-{trial.Number:000}-seed1001", "config.json"))["teacherHash"]);
        }
        AssertAsItself(recipe, run);
    }

    [Fact]
    public void Any_method_batch_and_augmentation_can_be_searched_over()
    {
        var recipe = Recipe(
            new GridOptions(),
            new ChoiceOptions
            {
                Option = "method",
                Values =
                [
                    JsonNode.Parse("""{ "name": "kd", "temperature": 2 }""")!,
                    JsonNode.Parse("""{ "name": "labels" }""")!,
                ],
            },
            new ChoiceOptions { Option = "training.batchSize", Values = [16, 32] },
            new ChoiceOptions
            {
                Option = "data.augmentation",
                Values = [new JsonArray(), JsonNode.Parse("""[{ "name": "crop", "pad": 1 }]""")!],
            },
            new ChoiceOptions { Option = "training.learningRate", Values = [0.02, 0.05] }) with
        {
            Data = new CsvOptions
            {
                Path = Tests.Data.DataFiles.Shipped("digits/digits.csv.gz"), Label = "-1", MaxExamples = 100,
                Pixels = new() { Height = 8, Width = 8, Scale = 16 },
            },
        };
        var run = Experiment.Run(recipe, new() { Folder = TestRuns.Folder() });
        AssertUntested(run);
        var page = File.ReadAllText(Path.Combine(run, "report.md"));
        foreach (var row in (string[])
        [
            "| kd (temperature 2) | 16 | none | 0.02 | 4 |", "| labels | 32 | crop (pad 1) | 0.05 | 4 |",
        ])
            Assert.Contains(row, page, StringComparison.Ordinal);
        var table = Reports.Read(run).Search!;
        Assert.Equal((16, 2), (table.Student.Trials.Count, table.Control!.Trials.Count));
        foreach (var trial in new SearchPlan(recipe).Student)
        {
            var card = TestRuns.Json(
                Path.Combine(run, "search", $"student-{trial.Number:000}-seed1001", "config.json"));
            Assert.Equal(
                (
                    (string?)trial.Settings[0].Value["name"],
                    (int)trial.Settings[1].Value,
                    trial.Settings[2].Value.AsArray().Count),
                (
                    (string?)card["method"]!["name"],
                    (int)card["training"]!["batchSize"]!,
                    card["augmentation"]!.AsArray().Count));
        }
        AssertAsItself(recipe, run);
    }

    // no file of a trial has the test part in it
    static void AssertUntested(string run)
    {
        using var scope = torch.NewDisposeScope();
        foreach (var answers in Directory.GetFiles(
            Path.Combine(run, "search"), "predictions*.safetensors", SearchOption.AllDirectories))
            Assert.Equal(
                ["validation/ids", "validation/labels", "validation/logits"], SafeTensors.Read(answers).Keys.Order());
    }

    // teacher, control and student are, to the bit, those of a recipe that has what was found written into it
    static void AssertAsItself(Recipe recipe, string run)
    {
        var (plan, table) = (new SearchPlan(recipe), Reports.Read(run).Search!);
        var student = Experiment.Run(plan.Applied(table.Student.Best.Settings), new() { Folder = TestRuns.Folder() });
        foreach (var part in (string[])["teacher", "student-seed1"]) AssertSame(part, student);
        var control = Experiment.Run(
            plan.Applied(
            [
                .. table.Student.Best.Settings.Where(one => SearchPlan.IsShared(one.Key)),
                .. table.Control!.Best.Settings,
            ]),
            new() { Folder = TestRuns.Folder() });
        AssertSame("control-seed1", control);

        void AssertSame(string part, string other)
        {
            foreach (var file in (string[])
            [
                "model.safetensors", "last.safetensors", "predictions.safetensors", "predictions-last.safetensors",
            ])
                Assert.Equal(
                    File.ReadAllBytes(Path.Combine(other, "networks", part, file)),
                    File.ReadAllBytes(Path.Combine(run, "networks", part, file)));
            Assert.Equal(
                TestRuns.Card(other, part).Method?.ToJsonString(), TestRuns.Card(run, part).Method?.ToJsonString());
        }
    }

    static string Hash(string folder) => Convert.ToHexStringLower(
        System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, "model.safetensors"))));

    [Fact]
    public void A_teacher_that_diverges_makes_its_students_last()
    {
        var rate = new ChoiceOptions
        {
            Option = "teacher.training.learningRate",
            Values = [JsonValue.Create(1e38), JsonValue.Create(0.05)],
        };
        var run = Experiment.Run(Recipe(new GridOptions(), rate, Temperature), new() { Folder = TestRuns.Folder() });
        var side = Reports.Read(run).Search!.Student;
        Assert.All(side.Trials.Take(2), trial => Assert.Null(trial.Scores[0].Score));
        Assert.All(side.Trials.Take(2), trial => Assert.Null(trial.Scores[0].TieBreaker));
        Assert.InRange(side.Chosen, 3, 4);
        Assert.Null(TestRuns.Card(run, "teacher").Diverged);
    }

    [Fact] // it peaks and falls: what is scored is what would be reported
    public void A_trial_whose_last_weights_are_kept_is_scored_by_its_last_epoch()
    {
        var recipe = Recipe(new GridOptions(), Rate);
        var run = Experiment.Run(
            recipe with { Training = recipe.Training with { SelectWeights = SelectedWeights.Last } },
            new() { Folder = TestRuns.Folder() });
        foreach (var trial in Reports.Read(run).Search!.Student.Trials)
        {
            var last = MetricsLog.Read(
                Path.Combine(run, "search", $"student-{trial.Number:000}-seed1001", "metrics.jsonl"))[^1];
            Assert.Equal(
                (last.Validation["accuracy"], last.Validation["nll"]),
                (trial.Scores[^1].Score, trial.Scores[^1].TieBreaker));
        }
    }
}
