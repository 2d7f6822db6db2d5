using Retort.Export;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Report;
using Retort.Tasks;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Tests.Contract;
using Retort.Tests.Recipes;
using Retort.Training;

namespace Retort.Tests.Methods;

/// <summary>Runs of encoders of several widths and depths, and what is refused before one begins.</summary>
public sealed class AdaptiveEncoderRunTests
{
    const string Subject = "The method \"dynabert\"";

    static AdaptiveEncoderOptions Options { get; } = new() { Widths = [1, 0.5], Depths = [1, 0.5] };

    static BertOptions Half { get; } = FewTokens.Whole with
    {
        Layers = 2, Heads = 2, HeadSize = 4, IntermediateSize = 8,
    };

    static readonly Lazy<string> s_run = new(() => Run(new() { Widths = [1, 0.5], Depths = [1, 0.5] }));

    [Fact]
    public void The_report_has_validation_and_test_of_every_part_and_the_student_last()
    {
        var results = TestRuns.Json(Path.Combine(s_run.Value, "results.json"));
        var stages = results["stages"]!.AsArray();
        Assert.Equal(
            ["width-1-depth-1", "width-0.5-depth-1", "width-1-depth-0.5", "width-0.5-depth-0.5"],
            stages.Select(stage => (string)stage!["part"]!));
        Assert.All(stages, stage => Assert.NotNull(stage!["scores"]!["accuracy"]));
        Assert.All(stages, stage => Assert.NotNull(stage!["validation"]!["accuracy"]));
        var page = File.ReadAllText(Path.Combine(s_run.Value, "report.md"));
        Assert.Contains("| width-1-depth-0.5 |", page, StringComparison.Ordinal);
        Assert.Equal(["soft", "hidden"], results["lossTerms"]!["student"]!.AsObject().Select(term => term.Key));
        Assert.Equal(["soft", "hidden"], results["lossTerms"]!["control"]!.AsObject().Select(term => term.Key));
    }

    [Fact] // a control of the same size, the same number of steps of the optimizer, and its own first weights
    public void Student_and_control_are_of_one_architecture_and_one_budget()
    {
        var student = TestRuns.Card(s_run.Value, "student-seed1");
        var control = TestRuns.Card(s_run.Value, "control-seed1");
        Assert.Equal(
            (control.Network.ToJsonString(), control.Steps, control.Parameters, null),
            (student.Network.ToJsonString(), student.Steps, student.Parameters, student.OtherSteps));
        Assert.Equal("labels", (string)control.Method!["name"]!);
    }

    [Fact]
    public void The_student_is_a_smaller_network_that_ONNX_Runtime_runs_alike()
    {
        var folder = StudentFolder.Write(
            s_run.Value, new() { Folder = Path.Combine(TestRuns.Folder(), "student") });
        Assert.InRange(folder.WorstError, 0, 1e-5);
        using var scope = torch.NewDisposeScope();
        var weights = Retort.Tensors.Files.SafeTensors.Read(
            Path.Combine(s_run.Value, "networks", "student-seed1", "model.safetensors"));
        Assert.Equal([8, 16], weights["bert.encoder.layer.1.attention.self.query.weight"].shape);
        Assert.Equal([16, 8], weights["bert.encoder.layer.1.output.dense.weight"].shape);
        Assert.DoesNotContain(weights.Keys, name => name.Contains("layer.2.", StringComparison.Ordinal));
    }

    [Fact] // three states of the teacher for two layers, whatever the part's depth
    public void Another_loss_takes_the_place_of_the_papers()
    {
        var run = Run(Options with { Loss = new ContextualRelationsOptions() });
        Assert.Equal(
            ["soft", "word_pairs", "word_triples", "layer_pairs", "layer_triples"],
            TestRuns.Json(Path.Combine(run, "results.json"))["lossTerms"]!["student"]!.AsObject()
                .Select(term => term.Key));
    }

    [Fact]
    public void A_cached_teacher_gives_the_same_student()
    {
        var recipe = Recipe(Options) with { Threads = 1 };
        var cached = recipe with
        {
            Teacher = new CachedTeacherOptions { Teacher = recipe.Teacher!, Codec = new Float32Options() },
        };
        foreach (var (one, other) in Logits(recipe).Zip(Logits(cached))) Assert.Equal(one, other, 1e-4f);

        static float[] Logits(Recipe recipe) => PredictionsFile.Read(Path.Combine(
            Experiment.Run(recipe, new() { Folder = TestRuns.Folder(), Cores = 1 }), "networks", "student-seed1",
            PredictionsFile.Name), "test").Values;
    }

    public static TheoryData<AdaptiveEncoderOptions, BertOptions, string> Refused => new()
    {
        {
            Options with { Widths = [1, 0.3] }, Half,
            $"{Subject}: each of method.widths must leave a whole number of heads and neurons; 0.3 of the teacher's "
            + "4 heads are 1.2."
        },
        {
            Options with { Depths = [1, 0.1] }, Half,
            $"{Subject}: each of method.depths must leave at least one layer; 0.1 of the teacher's 4 leaves none."
        },
        {
            Options with { Depths = [1, 0.5, 0.4] }, Half,
            $"{Subject}: each of method.depths must leave another number of layers; 0.4 of the teacher's 4 leaves 2, "
            + "as a larger one does."
        },
        {
            Options with { Depths = [1, 0.25], Loss = new ContextualRelationsOptions() }, Half with { Layers = 1 },
            "The method \"ckd\" compares at least 3 hidden states of a word; \"alignment\" finds 2 that a teacher of 1 "
            + "layers and a student of 1 share: set layerPairWeight and layerTripleWeight to 0, or choose other "
            + "numbers of layers."
        },
        {
            Options with { Loss = new BetaSmoothingOptions() }, Half,
            $"{Subject}: method.loss must have no parameters and need no moving average; this one has or does."
        },
        {
            Options, Half with { Heads = 1 },
            $"{Subject}: the student must be one of the parts of the teacher's network that method.widths and "
            + "method.depths make, such as 2 layers, 2 heads and an intermediateSize of 8; it has 2 layers, 1 heads "
            + "and an intermediateSize of 8."
        },
    };

    [Theory, MemberData(nameof(Refused))]
    public void Parts_that_cannot_be_cut_are_refused_before_anything_is_trained(
        AdaptiveEncoderOptions options, BertOptions student, string sentence)
    {
        var folder = TestRuns.Folder();
        var error = Assert.Throws<InvalidOperationException>(
            () => Experiment.Run(Recipe(options) with { Student = student }, new() { Folder = folder }));
        Assert.Equal(sentence, error.Message);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void A_student_of_other_options_is_refused()
    {
        var error = Assert.Throws<InvalidOperationException>(
            () => Run(Options, Half with { Dropout = 0.2 }));
        Assert.StartsWith(
            $"{Subject}: the student must have the teacher's options except layers, heads, headSize and "
            + "intermediateSize, since it is cut out of the teacher's network. They are BertOptions { ", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Networks_that_are_no_encoders_and_data_that_are_no_texts_are_refused()
    {
        var images = TestRuns.Recipe() with { Method = Options };
        Assert.Equal(
            $"{Subject} compares the tokens of texts and needs the input attention_mask; the data has pixel_values.",
            Refusal(images));

        var method = new AdaptiveEncoder(Options);
        Assert.Equal(
            $"{Subject} cuts its student out of the teacher's network, which must be a bert that the recipe trains or "
            + "reads from a checkpoint; this teacher is none.", Check(Half, teacher: null));
        Assert.Equal(
            $"{Subject} cuts its student out of the teacher's bert; this student is no bert.",
            Check(new MlpOptions(), FewTokens.Whole));
        Assert.Equal(
            "The method \"dynabert\" compares class probabilities, which only the task \"classification\" has; this "
            + "run's task is \"embedding\".",
            Refusal(Recipe(Options) with { Task = new EmbeddingOptions() }));

        string Check(ModelOptions student, ModelOptions? teacher) => Assert.Throws<InvalidOperationException>(
            () => method.CheckNetworks(FewTokens.MethodContext.Task, FewTokens.Data.Info, student, teacher)).Message;

        static string Refusal(Recipe recipe) => Assert.Throws<InvalidOperationException>(
            () => Experiment.Run(recipe, new() { Folder = TestRuns.Folder() })).Message;
    }

    [Theory]
    [InlineData(new[] { 0.5, 1 }, "must begin with 1, the whole network; it begins with 0.5.")]
    [InlineData(new[] { 1, 0.5, 0.5 }, "must fall, and 0.5 comes before; it is 0.5.")]
    [InlineData(new double[0], "must have at least one width; it is empty.")]
    public void Shares_fall_from_1(double[] widths, string rule) => Assert.Contains(
        rule, Assert.Throws<ArgumentOutOfRangeException>(
            () => new AdaptiveEncoderOptions { Widths = widths }.Build()).Message, StringComparison.Ordinal);

    [Fact]
    public void A_loss_that_is_a_procedure_and_weights_without_effect_are_refused()
    {
        Assert.StartsWith("Loss must be a method that is a loss; this one is a procedure.",
            Refusal(new() { Loss = new SelfDistillationOptions() }), StringComparison.Ordinal);
        Assert.StartsWith("DepthStateWeight has no effect where loss is given: leave one of them out.",
            Refusal(new() { Loss = new SoftTargetsOptions(), DepthStateWeight = 2 }), StringComparison.Ordinal);

        static string Refusal(AdaptiveEncoderOptions options) =>
            Assert.Throws<ArgumentOutOfRangeException>(() => options.Build()).Message;
    }

    static Recipe Recipe(AdaptiveEncoderOptions options) => FewTokens.Recipe(options) with { Student = Half };

    static string Run(AdaptiveEncoderOptions options, BertOptions? student = null) => Experiment.Run(
        Recipe(options) with { Student = student ?? Half }, new() { Folder = TestRuns.Folder() });
}
