using Retort.Recipes;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Report;
using Retort.Runs;
using Retort.Tensors.Files;
using Retort.Tests.Contract;
using Retort.Training;

namespace Retort.Tests.Recipes;

/// <summary>The search for a learning rate.</summary>
public sealed class TuningTests
{
    [Fact]
    public void A_search_sees_no_test_example_and_its_rates_are_used()
    {
        var tests = new Spied();
        var recipe = TestRuns.Recipe() with { Tuning = new() { LearningRates = [1e-6, 0.1], Seeds = 2 } };
        var run = TestRuns.Folder();
        using var runner = SearchOnly(recipe, run, tests);
        Assert.Equal(0, tests.Asked);
        Assert.Equal(8, Directory.GetDirectories(Path.Combine(run, "search")).Length);
        foreach (var trial in Directory.GetDirectories(Path.Combine(run, "search")))
        {
            using var scope = torch.NewDisposeScope();
            foreach (var file in (string[])["predictions.safetensors", "predictions-last.safetensors"])
                Assert.Equal(
                    ["validation/ids", "validation/labels", "validation/logits"],
                    SafeTensors.Read(Path.Combine(trial, file)).Keys.Order());
            Assert.DoesNotContain(
                "test", File.ReadAllText(Path.Combine(trial, "metrics.jsonl")), StringComparison.Ordinal);
        }
        var table = JsonFile.Read<SearchTable>(Path.Combine(run, "search.json"), "a search");
        Assert.Equal([1001, 1002], table.Seeds);
        Assert.All(
            [table.Control!, table.Student],
            side => Assert.Equal(side.Trials.MaxBy(trial => trial.Scores[0].Score)!.Scores, side.Best.Scores));
    }

    [Fact]
    public void The_rate_that_a_search_found_is_the_one_of_the_pairs()
    {
        var run = Experiment.Run(
            TestRuns.Recipe() with { Tuning = new() { LearningRates = [1e-6, 0.1] } },
            new() { Folder = TestRuns.Folder() });
        var table = JsonFile.Read<SearchTable>(Path.Combine(run, "search.json"), "a search");
        foreach (var (name, side) in new[] { ("control", table.Control!), ("student", table.Student) })
        {
            Assert.Equal(2, side.Trials.Count);
            Assert.Equal(
                (double)side.Best.Settings["training.learningRate"],
                (double)TestRuns.Card(run, name + "-seed1").Training!["learningRate"]!);
        }
    }

    [Theory] // the codec keeps all bits
    [InlineData(false)]
    [InlineData(true)]
    public void The_teacher_with_the_best_rate_is_the_runs_teacher(bool cached)
    {
        var toy = TestRuns.Recipe();
        var recipe = toy with
        {
            Tuning = new() { LearningRates = [0.05, 0.1], TeacherLearningRates = [0.1, 1e-6] },
            Teacher = cached ? new CachedTeacherOptions
            {
                Teacher = toy.Teacher!, Path = Path.Combine(Few.Folder(), "cache"), Codec = new Float32Options(),
            } : toy.Teacher,
        };
        var run = Experiment.Run(recipe, new() { Folder = TestRuns.Folder() });
        var table = JsonFile.Read<SearchTable>(Path.Combine(run, "search.json"), "a search");
        Assert.Equal(
            [1e-6, 0.1], table.Teacher!.Trials.Select(trial => (double)trial.Settings.Values.Single()));
        Assert.Equal(2, table.Teacher.Chosen);
        Assert.Equal(0.1, (double)TestRuns.Card(run, "teacher").Training!["learningRate"]!);

        // the teacher is the one that the recipe with this rate has, and so are the students
        var one = Experiment.Run(
            recipe with
            {
                Tuning = recipe.Tuning with { TeacherLearningRates = null },
                Teacher = cached ? (CachedTeacherOptions)recipe.Teacher! with { Path = Path.Combine(Few.Folder(), "c") }
                    : recipe.Teacher,
            },
            new() { Folder = TestRuns.Folder() });
        foreach (var network in (string[])["teacher", "student-seed1"])
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(one, "networks", network, "model.safetensors")),
                File.ReadAllBytes(Path.Combine(run, "networks", network, "model.safetensors")));
        Assert.DoesNotContain(
            Reports.Read(run).Findings!,
            finding => finding.Text.Contains("not for the teacher", StringComparison.Ordinal));
        Assert.Contains(
            Reports.Read(run).Findings!,
            finding => finding.Text.StartsWith("The teacher's best learning rate, 0.1, is", StringComparison.Ordinal));
        Assert.Contains("| 1E-06 |", File.ReadAllText(Path.Combine(run, "report.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Rates_for_a_teacher_that_is_not_trained_are_refused()
    {
        var recipe = TestRuns.Recipe() with
        {
            Tuning = new() { LearningRates = [0.05], TeacherLearningRates = [0.1] },
            Teacher = new OnnxTeacherOptions { Path = "t.onnx" },
        };
        Assert.Equal(
            "small: tuning.teacherLearningRates needs a teacher that the recipe trains; \"onnx\" came.",
            Assert.Throws<InvalidDataException>(() => RunPlan.Of(recipe)).Message);
    }

    [Fact] // both rates are equally good on validation: nothing is learned at either
    public void Of_equally_good_rates_the_lower_is_kept()
    {
        var run = Experiment.Run(
            TestRuns.Recipe() with { Tuning = new() { LearningRates = [1e-30, 1e-31] } },
            new() { Folder = TestRuns.Folder() });
        Assert.Equal(1e-31, (double)TestRuns.Card(run, "student-seed1").Training!["learningRate"]!);
    }

    [Fact]
    public void A_rate_that_diverges_counts_as_zero_and_is_named_and_all_of_them_stop_the_run()
    {
        var recipe = TestRuns.Recipe() with { Tuning = new() { LearningRates = [0.05, 1e38] } };
        var run = Experiment.Run(recipe, new() { Folder = TestRuns.Folder() });
        var table = JsonFile.Read<SearchTable>(Path.Combine(run, "search.json"), "a search");
        Assert.Equal(
            (null, 0.05),
            (table.Control!.Trials[1].Scores[0].Score, (double)table.Control.Best.Settings["training.learningRate"]));

        var error = Assert.Throws<DivergedException>(() => Experiment.Run(
            recipe with { Tuning = new() { LearningRates = [1e37, 1e38] } }, new() { Folder = TestRuns.Folder() }));
        Assert.StartsWith(
            "No trial of the student's search can be used: the loss of each stopped being finite.",
            error.Message,
            StringComparison.Ordinal);
    }

    static JobRunner SearchOnly(Recipe recipe, string run, Spied tests)
    {
        var data = recipe.Source.Open();
        var spied = new Dataset
        {
            Name = data.Name, Hash = data.Hash, Training = data.Training, Validation = data.Validation,
            Test = tests.Of(data.Test),
        };
        var runner = new JobRunner(new(run, ExperimentTests.Card(), recipe, spied));
        runner.Run(runner.Plan["teacher"], default);
        Assert.True(tests.Asked > 0);                                      // the spy works: a teacher is tested
        tests.Asked = 0;
        foreach (var job in runner.Plan.Jobs.SkipWhile(job => job.Name == "teacher")
            .TakeWhile(job => job is not NetworkJob { IsTrial: false }))
            runner.Run(job, default);
        return runner;
    }

    sealed class Spied
    {
        public int Asked { get; set; }
        public IDataSplit Of(IDataSplit data) => new Data(this, data);

        sealed class Data(Spied spy, IDataSplit data) : IDataSplit
        {
            public int Count => data.Count;
            public DatasetInfo Info => data.Info;

            public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
            {
                spy.Asked++;
                data.Load(positions, view, into);
            }
        }
    }
}
