using Retort.Report;
using Retort.Methods;
using Retort.Recipes;
using Retort.Runs;
using Retort.Tensors.Files;
using Retort.Tests.Contract;

namespace Retort.Tests.Recipes;

public sealed class ExperimentTests
{
    [Fact]
    public void A_run_leaves_what_a_report_is_made_from_and_the_report()
    {
        var run = Experiment.Run(TestRuns.Recipe(), new() { Folder = TestRuns.Folder() });
        Assert.Equal(
            ["lock", "networks", "recipe.json", "report.html", "report.md", "results.json", "run.json"], Names(run));
        foreach (var part in (string[])["teacher", "control-seed1", "student-seed1"])
            Assert.Equal(
                [
                    "config.json", "last.safetensors", "latency.json", "metrics.jsonl", "model.safetensors",
                    "predictions-last.safetensors", "predictions.safetensors",
                    .. part == "student-seed1" ? ["terms.json"] : (string[])[],
                ],
                Names(Path.Combine(run, "networks", part)));
        var (control, student) = (TestRuns.Card(run, "control-seed1"), TestRuns.Card(run, "student-seed1"));
        Assert.Equal(
            (control.Steps, control.Parameters, control.Seed), (student.Steps, student.Parameters, student.Seed));
        Assert.Equal(784 * 4 + 4 + 4 * 4 + 4, student.Parameters);
        Assert.Equal(784 * 4 + 4 * 4, student.MultiplyAdds);
        Assert.Equal(
            (null, "kd", "labels"),
            (control.TeacherHash, (string)student.Method!["name"]!, (string)control.Method!["name"]!));
        Assert.Equal(64, student.TeacherHash!.Length);

        static IEnumerable<string> Names(string folder) =>
            Directory.GetFileSystemEntries(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Control_and_student_of_a_pair_begin_with_the_same_weights()
    {
        var recipe = TestRuns.Recipe() with
        {
            Training = new() { Epochs = 1, BatchSize = 64, LearningRate = 1e-30 },
            Method = new SoftTargetsOptions(),
        };
        var run = Experiment.Run(recipe, new() { Folder = TestRuns.Folder() });
        Assert.Equal(Weights("control-seed1"), Weights("student-seed1"));
        Assert.NotEqual(Weights("teacher"), Weights("student-seed1"));

        byte[] Weights(string part) => File.ReadAllBytes(Path.Combine(run, "networks", part, "last.safetensors"));
    }

    [Fact]
    public void Without_a_teacher_there_are_students_alone()
    {
        var recipe = TestRuns.Recipe(seeds: 2) with
        {
            Teacher = null,
            Method = new LabelsOnlyOptions(),
            Tuning = new() { LearningRates = [0.05, 0.1] },
        };
        var run = Experiment.Run(recipe, new() { Folder = TestRuns.Folder() });
        Assert.Equal(
            ["student-seed1", "student-seed2"],
            Directory.GetDirectories(Path.Combine(run, "networks")).Select(path => Path.GetFileName(path)).Order());
        var error = Assert.Throws<InvalidOperationException>(() => Experiment.Run(
            recipe with { Method = new SoftTargetsOptions() }, new() { Folder = TestRuns.Folder() }));
        Assert.Equal("The method kd needs logits, and the recipe has no teacher.", error.Message);
    }

    [Fact]
    public void A_stopped_run_prints_how_to_resume_and_finished_work_is_not_repeated()
    {
        var (whole, broken) = (TestRuns.Folder(), TestRuns.Folder());
        var recipe = TestRuns.Recipe(seeds: 2) with { Tuning = new() { LearningRates = [0.05, 0.1] } };
        Experiment.Run(recipe, new() { Folder = whole });

        var trained = new List<string>();
        foreach (var at in (int[])[1, 3, 4, 5])
        {
            using var stop = new CancellationTokenSource();
            var ends = 0;
            var error = Assert.Throws<OperationCanceledException>(() => Experiment.Run(
                recipe, new() { Folder = broken, Resume = true, Command = "retort run small.json" },
                new Epochs(end => { trained.Add($"{end.Part} {end.Epoch}"); if (++ends == at) stop.Cancel(); }),
                stop.Token));
            Assert.Contains(
                $"`retort run small.json --out {broken} --resume`", error.Message, StringComparison.Ordinal);
        }
        Experiment.Run(
            recipe, new() { Folder = broken, Resume = true },
            new Epochs(end => trained.Add($"{end.Part} {end.Epoch}")));
        Assert.Equal(trained.Distinct().Count(), trained.Count);
        TestRuns.AssertAlike(whole, broken);
    }

    [Fact]
    public void Parts_side_by_side_in_child_processes_give_the_same_bits_as_one_after_another()
    {
        var (alone, together) = (TestRuns.Folder(), TestRuns.Folder());
        var recipe = TestRuns.Recipe(threads: 1) with { Tuning = new() { LearningRates = [0.07] } };
        Experiment.Run(recipe, new() { Folder = alone });
        var heard = new List<string>();
        Experiment.Run(
            recipe, new() { Folder = together, Cores = 2, Jobs = 2, Child = Child },
            new Epochs(end => heard.Add(end.Part)));
        TestRuns.AssertAlike(alone, together);
        Assert.Equal(
            ["control-seed1", "student-seed1"],
            heard.Where(part => part.EndsWith("seed1", StringComparison.Ordinal)).Distinct().Order());
    }

    [Fact]
    public void A_childs_failure_is_its_sentence_and_stops_the_others()
    {
        var folder = TestRuns.Folder();
        var recipe =
            TestRuns.Recipe(threads: 1) with { Training = new() { Epochs = 2, BatchSize = 16, LearningRate = 1e38 } };
        var error = Assert.Throws<InvalidOperationException>(
            () => Experiment.Run(recipe, new() { Folder = folder, Cores = 2, Jobs = 2, Child = Child }));
        Assert.Matches(
            "^(control|student)-seed1: .* is no longer a finite number at step [0-9]+ of 8; ", error.Message);
        Assert.False(File.Exists(Path.Combine(folder, "results.json")));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named()
    {
        var file = Path.Combine(Few.Folder(), "file");
        File.WriteAllText(file, "");
        var run = Path.Combine(file, "run");
        var error = Assert.Throws<IOException>(() => Experiment.Run(TestRuns.Recipe(), new() { Folder = run }));
        Assert.Equal($"The folder {run} cannot be created: choose another --out.", error.Message);
    }

    [Fact]
    public void A_method_that_changes_the_teacher_stops_the_run()
    {
        var run = Few.Folder();
        var recipe = TestRuns.Recipe() with
        {
            Teacher = new TrainedTeacherOptions { Network = new ExposedOptions() }, Method = new MeddlingOptions(),
        };
        var folder = Path.Combine(run, "networks", "teacher");
        Directory.CreateDirectory(folder);
        using (var network = ModuleFactory.Create(() => new Exposed()))
            SafeTensors.Write(Path.Combine(folder, "model.safetensors"), network.state_dict());
        File.WriteAllText(Path.Combine(folder, "config.json"), "{}");
        using var runner = new JobRunner(new(run, Card(), recipe, Few.Data));
        var error = Assert.Throws<InvalidOperationException>(() => runner.Run(runner.Plan["student-seed1"], default));
        Assert.StartsWith(
            "student-seed1: the teacher changed while it was used", error.Message, StringComparison.Ordinal);
    }

    static System.Diagnostics.ProcessStartInfo Child(string run) => new(TestRuns.Program, ["work", run]);

    internal static RunInfo Card() => new()
    {
        Recipe = new System.Text.Json.Nodes.JsonObject(),
        RecipeName = "small",
        RecipeHash = "r",
        DataName = "toy",
        DataHash = "d",
        Examples = new(1, 1, 1, 1), Seeds = [1], Threads = 1, Versions = new Dictionary<string, string>(),
    };

    sealed record ExposedOptions : ModelOptions
    {
        public override Network Build(DatasetInfo info) => new Exposed();
    }

    /// <summary>A teacher whose answer is its own weight, which a method can then spoil.</summary>
    sealed class Exposed : Network
    {
        readonly TorchSharp.Modules.Parameter weight = new(torch.zeros(16, 4));

        public Exposed() : base(nameof(Exposed)) => RegisterComponents();

        public override OutputSet AvailableOutputs => Output.Logits;
        public override Outputs Forward(Inputs inputs, OutputSet wanted) => new() { Logits = weight.alias() };
    }

    sealed record MeddlingOptions : LossOptions
    {
        public override DistillationLoss Build(MethodContext info) => new Meddling();
    }

    sealed class Meddling : DistillationLoss
    {
        public override RequiredOutputs Requires => Output.Logits;
        public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student) =>
            new() { ["labels"] = batch.CrossEntropy(student.Logits) };
        public override void AfterStep(Batch batch, Outputs teacher, Outputs student) => teacher.Logits.add_(1);
    }
}
