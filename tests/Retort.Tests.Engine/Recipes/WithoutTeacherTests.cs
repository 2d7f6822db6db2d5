using System.Text.Json.Nodes;
using Retort.Methods;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Runtime.Metrics;
using Retort.Studies;
using Retort.Tests.Contract;
using Retort.Tests.House;
using Retort.Tests.Studies;
using Retort.Training;

namespace Retort.Tests.Recipes;

/// <summary>Methods that do without a teacher have a control all the same.</summary>
public sealed class WithoutTeacherTests
{
    static readonly Lazy<string> s_beta =
        new(() => Experiment.Run(Recipe(new BetaSmoothingOptions()), new() { Folder = TestRuns.Folder() }));
    static readonly Lazy<string> s_generations = new(() => Experiment.Run(
        Recipe(new SelfDistillationOptions { Generations = 3 }), new() { Folder = TestRuns.Folder() }));

    static Recipe Recipe(MethodOptions method) => TestRuns.Recipe(seeds: 3) with { Teacher = null, Method = method };

    [Fact]
    public void A_loss_without_a_teacher_is_compared_with_labels_alone()
    {
        var run = s_beta.Value;
        var results = Reports.Read(run);
        Assert.Equal(3, results.Pairs!.Count);
        Assert.Null(results.Teacher);
        Assert.Equal(
            ("labels", "beta"), ((string)results.Control!.Method!["name"]!, (string)results.Student.Method!["name"]!));
        Assert.Equal(results.Control.Steps, results.Student.Steps);
        Assert.DoesNotContain("distillation", results.Verdict!.Sentence, StringComparison.Ordinal);
        Assert.Empty(new SchemaCheck(ResultsSchema.Make(), closed: true).Refusals(
            JsonNode.Parse(File.ReadAllText(Path.Combine(run, "results.json")))));
    }

    // where no lock is taken again: in a stage that is done, beside a network that is done, in
    // the copies of the last stage
    [Fact]
    public void What_killed_processes_left_is_gone_at_the_end()
    {
        var recipe = Recipe(new SelfDistillationOptions { Generations = 2 }) with { Seeds = 1 };
        var (whole, run) = (TestRuns.Folder(), TestRuns.Folder());
        Experiment.Run(recipe, new() { Folder = whole });
        Experiment.Run(recipe, new() { Folder = run });
        var student = Path.Combine(run, "networks", "student-seed1");
        foreach (var made in (string[])
        [
            Path.Combine(run, "results.json"), Path.Combine(student, "config.json"),
            Path.Combine(student, "model.safetensors"),
        ])
            File.Delete(made);
        string[] left =
        [
            Path.Combine(student, "generation-1", "checkpoint.safetensors.7.a.draft"),
            Path.Combine(student, "generation-1", "checkpoint.safetensors"),
            Path.Combine(student, "generation-0", "config.json.7.b.draft"),
            Path.Combine(run, "networks", "control-seed1", "latency.json.7.c.draft"),
        ];
        foreach (var path in left) File.WriteAllText(path, "half");
        Experiment.Run(recipe, new() { Folder = run, Resume = true });
        Assert.Equal(Names(whole), Names(run));
        TestRuns.AssertAlike(whole, run);

        static IEnumerable<string> Names(string run) => Directory.EnumerateFiles(run, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(run, path))
            .Order(StringComparer.Ordinal);
    }

    [Fact]
    public void What_both_sides_share_makes_them_begin_alike()
    {
        var recipe = Recipe(new LabelSmoothingOptions()) with
        {
            Seeds = 1,
            Training = new() { Epochs = 1, BatchSize = 64, LearningRate = 1e-30 },
        };
        var run = Experiment.Run(recipe, new() { Folder = TestRuns.Folder() });
        Assert.Equal(File.ReadAllBytes(Path.Combine(run, "networks", "control-seed1", "last.safetensors")),
            File.ReadAllBytes(Path.Combine(run, "networks", "student-seed1", "last.safetensors")));
    }

    [Fact]
    public void Its_confidence_is_that_of_its_predictions_on_the_training_examples()
    {
        var run = s_beta.Value;
        var sure = SampleRun.DetailsOf(Reports.Read(run)).Student.TrainingConfidence!;
        for (var seed = 1; seed <= 3; seed++)
        {
            var answers = PredictionsFile.Read(
                Path.Combine(run, "networks", $"student-seed{seed}", PredictionsFile.TrainingName), "training");
            Assert.Equal(Few.Data.Training.Count, answers.Labels.Length);
            Assert.Equal(
                Uncertainty.MeanEntropy(answers.Values, answers.Labels.Length), sure.Uncertainty.Values[seed - 1]);
            Assert.Equal(
                Uncertainty.Diversity(answers.Values, answers.Labels).Entropy, sure.Diversity.Values[seed - 1]);
        }
    }

    [Fact]
    public void The_page_and_its_markdown_name_no_teacher()
    {
        var page = File.ReadAllText(Path.Combine(s_beta.Value, "report.html"));
        var plain = File.ReadAllText(Path.Combine(s_beta.Value, "report.md"));
        foreach (var text in (string[])[page, plain]) Assert.DoesNotContain("Teacher", text, StringComparison.Ordinal);
        Assert.Contains("|  | Control | Student |", plain, StringComparison.Ordinal);
        Assert.Contains("the student also has the method", plain, StringComparison.Ordinal);
        Assert.Contains("Confidence in the training labels", plain, StringComparison.Ordinal);
        Assert.Contains("<span class=\"control\">control</span>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_generation_has_a_row_and_the_budget_is_stated()
    {
        var run = s_generations.Value;
        var results = Reports.Read(run);
        Assert.Equal(["generation-0", "generation-1", "generation-2"], results.Stages!.Select(stage => stage.Part));
        Assert.Equal(results.Control!.Scores["accuracy"].Values, results.Stages![0].Scores["accuracy"].Values);
        Assert.Equal(results.Student.Scores["accuracy"].Values, results.Stages[2].Scores["accuracy"].Values);
        var stages = SampleRun.DetailsOf(results).Stages!;
        Assert.Equal((4, null), (results.Stages[1].Temperature!.Mean, stages[2].AsTeacher));
        Assert.True(stages[1].AsTeacher!.Uncertainty.Mean > stages[1].TrainingConfidence.Uncertainty.Mean); // at T = 4
        Assert.Equal(3 * results.Student.Steps, results.Student.StepsInAll);
        Assert.Contains(
            "it trained 3 networks one after another, 24 steps in all to the control's 8",
            results.Verdict!.Sentence,
            StringComparison.Ordinal);
        Assert.Empty(new SchemaCheck(ResultsSchema.Make(), closed: true).Refusals(
            JsonNode.Parse(File.ReadAllText(Path.Combine(run, "results.json")))));
        var lines = File.ReadAllLines(Path.Combine(run, "report.md"));
        Assert.Contains(
            lines, line => line.StartsWith("| generation-2 | generation-1 | 4.00", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("| generation-0, as teacher | 4.00", StringComparison.Ordinal));
        Assert.Contains(
            "<h2>Stages</h2>", File.ReadAllText(Path.Combine(run, "report.html")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("generation-1", "its teacher must be generation-0")]
    [InlineData("generation-2", "its teacher must be generation-1")]
    public void A_generation_whose_teacher_differs_from_its_config_is_refused(string part, string sentence)
    {
        var run = Copied(s_generations.Value);
        var card = Path.Combine(run, "networks", "student-seed2", part, "config.json");
        File.WriteAllText(
            card,
            File.ReadAllText(card).Replace("\"teacherHash\": \"", "\"teacherHash\": \"00", StringComparison.Ordinal));
        Assert.Contains(
            sentence, Assert.Throws<InvalidDataException>(() => Reports.Write(run)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_student_that_is_not_its_last_generation_is_refused()
    {
        var run = Copied(s_generations.Value);
        File.Copy(
            Path.Combine(run, "networks", "student-seed1", "generation-1", "model.safetensors"),
            Path.Combine(run, "networks", "student-seed1", "model.safetensors"),
            overwrite: true);
        Assert.EndsWith(
            "must be that of generation-2, the last of its stages.",
            Assert.Throws<InvalidDataException>(() => Reports.Write(run)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_search_gives_both_sides_the_same_grid()
    {
        var run = Experiment.Run(
            Recipe(new ConfidencePenaltyOptions()) with { Seeds = 1, Tuning = new() { LearningRates = [0.05, 0.1] } },
            new() { Folder = TestRuns.Folder() });
        var table = JsonFile.Read<SearchTable>(Path.Combine(run, "search.json"), "a search");
        Assert.Equal((2, 2), (table.Control!.Trials.Count, table.Student.Trials.Count));
    }

    static string Copied(string run)
    {
        var copy = TestRuns.Folder();
        foreach (var file in Directory.EnumerateFiles(run, "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(copy, Path.GetRelativePath(run, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
        return copy;
    }
}
