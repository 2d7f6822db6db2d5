using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Runtime.Metrics;
using Retort.Studies;
using Retort.Teachers;
using Retort.Tensors.Files;
using Retort.Tests.Contract;
using Retort.Tests.House;
using Retort.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tests.Recipes;

/// <summary>Runs whose teacher is there already.</summary>
public sealed class GivenTeacherTests
{
    [Fact]
    public void A_run_opens_asks_and_names_a_given_teacher_and_trains_none()
    {
        var recipe = Given(Saved(seed: 77));
        var heard = new List<string>();
        var run = Experiment.Run(recipe, new() { Folder = TestRuns.Folder() }, new Epochs(end => heard.Add(end.Part)));
        Assert.Equal(["control-seed1", "student-seed1"], heard.Distinct());
        Assert.Equal(
            ["config.json", "latency.json", "predictions.safetensors"],
            Directory.GetFileSystemEntries(Path.Combine(run, "networks", "teacher"))
                .Select(path => Path.GetFileName(path))
                .Order(StringComparer.Ordinal));

        using var teacher = Few.Teacher();                                 // the weights that were saved
        var (card, student) = (TestRuns.Card(run, "teacher"), TestRuns.Card(run, "student-seed1"));
        Assert.Equal(
            (teacher.Fingerprint(), teacher.Fingerprint(), null),
            (card.GivenHash, student.TeacherHash, TestRuns.Card(run, "control-seed1").TeacherHash));
        var expected = Evaluator.Predict(teacher.Network, Few.Data.Test, Output.Logits);
        Assert.Equal(
            expected.Values,
            PredictionsFile.Read(Path.Combine(run, "networks", "teacher", "predictions.safetensors"), "test").Values);

        var results = TestRuns.Json(Path.Combine(run, "results.json"));
        Assert.Empty(new SchemaCheck(ResultsSchema.Make(), closed: true).Refusals(results));
        var found = results["teacher"]!.AsObject();
        Assert.Equal(784 * 16 + 16 + 16 * 4 + 4, (long)found["cost"]!["parameters"]!);
        Assert.Equal(
            ("checkpoint", Accuracy.Of(expected.Values, expected.Labels)),
            ((string)found["network"]!["name"]!, (double)found["scores"]!["accuracy"]!["mean"]!));
        Assert.Empty(found.Select(pair => pair.Key).Intersect(["method", "training", "steps", "lastEpoch"]));
        Assert.Contains("pretrained: ", File.ReadAllText(Path.Combine(run, "report.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_teacher_that_is_no_network_of_ours_has_no_cost_and_no_latency()
    {
        var run = Few.Folder();
        using var worker = Runner(run, new FakeOptions());
        worker.Run(worker.Plan["teacher"], default);
        worker.Run(worker.Plan["latency/teacher"], default);
        Assert.Equal(
            ["config.json", "latency.json", "predictions.safetensors"],
            Directory.GetFiles(Path.Combine(run, "networks", "teacher"))
                .Select(path => Path.GetFileName(path))
                .Order());
        var card = TestRuns.Card(run, "teacher");
        Assert.Equal((null, null, "fake1"), (card.Parameters, card.ActivationBytes, card.GivenHash));
    }

    [Theory]
    [InlineData(
        5, 0f, "The teacher's logits for 8 examples are [8, 5]; the data has 4 classes, so [8, 4] was expected.")]
    [InlineData(
        4, float.NaN,
        "The teacher's logits have NaN or infinity in them: its weights, or the normalization that the recipe states "
        + "for it, are not usable.")]
    [InlineData(
        4, 0.25f,
        "The teacher returns probabilities, and methods need logits: in each row none is negative and their sum is 1, "
        + "as after a softmax. Export it without this last layer, or give an onnx, torchscript or remote teacher the "
        + "option \"finalActivation\": \"softmax\".")]
    public void A_teacher_of_other_classes_or_without_numbers_is_refused_before_anything_is_trained(
        int classes, float value, string sentence)
    {
        using var worker = Runner(Few.Folder(), new FakeOptions { Classes = classes, Value = value });
        Assert.Equal(
            sentence,
            Assert.Throws<InvalidOperationException>(() => worker.Run(worker.Plan["teacher"], default)).Message);
    }

    [Fact]
    public void A_teacher_that_changes_during_a_run_is_refused()
    {
        using var worker = Runner(Few.Folder(), new FakeOptions { Changes = true });
        var error = Assert.Throws<InvalidOperationException>(() => worker.Run(worker.Plan["teacher"], default));
        Assert.Equal(
            "teacher: the teacher changed while it was used; it must stay as it is, or networks cannot be compared "
            + "(its hash was fake1 and is fake2).",
            error.Message);
    }

    [Fact]
    public void A_stopped_run_goes_on_with_the_same_teacher_and_with_no_other()
    {
        var (whole, broken, path) = (TestRuns.Folder(), TestRuns.Folder(), Saved(seed: 77));
        var recipe = Given(path);
        Experiment.Run(recipe, new() { Folder = whole });
        using (var stop = new CancellationTokenSource())
            Assert.Throws<OperationCanceledException>(
                () => Experiment.Run(recipe, new() { Folder = broken }, new Epochs(_ => stop.Cancel()), stop.Token));

        var weights = File.ReadAllBytes(path);
        File.Copy(Saved(seed: 78), path, overwrite: true);
        var error = Assert.Throws<InvalidOperationException>(
            () => Experiment.Run(recipe, new() { Folder = broken, Resume = true }));
        Assert.StartsWith(
            "The teacher is not the one that this run began with: its hash was ",
            error.Message,
            StringComparison.Ordinal);

        File.WriteAllBytes(path, weights);
        Experiment.Run(recipe, new() { Folder = broken, Resume = true });
        TestRuns.AssertAlike(whole, broken);
    }

    [Fact]
    public void Child_processes_open_the_same_teacher()
    {
        var (alone, together) = (TestRuns.Folder(), TestRuns.Folder());
        var recipe = Given(Saved(seed: 77)) with { Threads = 1, Seeds = 2 };
        Experiment.Run(recipe, new() { Folder = alone });
        Experiment.Run(
            recipe,
            new() { Folder = together, Cores = 2, Jobs = 2, Child = run => new(TestRuns.Program, ["work", run]) });
        TestRuns.AssertAlike(alone, together);
    }

    [Fact]
    public async Task Evaluate_asks_a_given_teacher_again()
    {
        var run = Experiment.Run(Given(Saved(seed: 77)), new() { Folder = TestRuns.Folder() });
        var output = new StringWriter();
        Assert.Equal(0, await Retort.Cli.Tool.Run(["evaluate", run, "--json"], output, TextWriter.Null));
        var found = JsonNode.Parse(output.ToString())!["networks"]!;
        var results = TestRuns.Json(Path.Combine(run, "results.json"));
        foreach (var part in (string[])["teacher", "student"])
            Assert.Equal(
                (double)results[part]!["scores"]!["accuracy"]!["mean"]!,
                (double)found[part == "teacher" ? part : part + "-seed1"]!["test"]!["accuracy"]!);
        Assert.Equal(
            (double)results["student"]!["scores"]!["agreement"]!["mean"]!,
            (double)found["student-seed1"]!["test"]!["agreement"]!);
    }

    static Recipe Given(string path) => TestRuns.Recipe() with
    {
        Teacher =
            new CheckpointTeacherOptions { Network = new Retort.Models.MlpOptions { Hidden = [16] }, Path = path },
    };

    static string Saved(int seed)
    {
        using var network = Few.Network(16, seed);
        var path = Path.Combine(Few.Folder(), "teacher.safetensors");
        SafeTensors.Write(path, network.state_dict());
        return path;
    }

    static JobRunner Runner(string run, PretrainedTeacherOptions teacher) => new(new(run, new()
    {
        Recipe = new JsonObject { ["teacher"] = new JsonObject { ["name"] = "fake" } },
        RecipeName = "small",
        RecipeHash = "r",
        DataName = "toy",
        DataHash = "d",
        Examples = new(1, 1, 1, 1), Seeds = [1], Threads = 1, Versions = new Dictionary<string, string>(),
    }, TestRuns.Recipe() with { Teacher = teacher }, Few.Data));

    sealed record FakeOptions : PretrainedTeacherOptions
    {
        public int Classes { get; init; } = 4;
        public float Value { get; init; }
        public bool Changes { get; init; }
        public override ITeacher Open(DatasetInfo info, Device device) => new Fake(this);
    }

    sealed class Fake(FakeOptions options) : ITeacher
    {
        int _calls;                                                        // of which opening makes three

        public OutputSet AvailableOutputs => Output.Logits;

        public Outputs Forward(Batch batch, OutputSet wanted)
        {
            _calls++;
            var logits = full([batch.Count, options.Classes], options.Value);
            return new() { Logits = logits + Differences(batch, options.Classes) };
        }

        // rows that are not all the same, and keep their sums
        static Tensor Differences(Batch batch, int classes)
        {
            var numbers = new float[batch.Count * classes];
            for (var i = 0; i < batch.Count; i++)
            {
                numbers[i * classes] = 0.01f * (batch.Ids[i] % 5);
                numbers[i * classes + 1] = -numbers[i * classes];
            }
            return numbers.ToTensor(batch.Count, classes);
        }

        public string Fingerprint() => options.Changes && _calls > 3 ? "fake2" : "fake1";
        public void Dispose() { }
    }
}
