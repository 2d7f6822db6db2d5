using Retort.Contracts.Distilled;
using Retort.Data;
using Retort.Export;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Tests.Recipes;
using static Retort.Methods.SoftLabelDatasetOptions;

namespace Retort.Tests.Methods;

/// <summary>Distilled data from recipe to folder, report and use; what is refused.</summary>
public sealed class SoftLabelRunTests
{
    static SoftLabelDatasetOptions Options { get; } =
        new() { Samples = 3, Steps = 2, Epochs = 2, MetaSteps = 12, StepSize = 0.05, MetaLearningRate = 0.05 };

    static readonly Lazy<string> s_run = new(() => Run(Options));

    static string Distilled(string run) => Path.Combine(run, "networks", "student-seed1", "distilled");

    [Fact] // 6 samples of 784 numbers and 4 labels, and 4 step sizes
    public void The_report_has_the_stages_the_stored_numbers_and_the_samples()
    {
        var results = TestRuns.Json(Path.Combine(s_run.Value, "results.json"));
        Assert.Equal(6 * (784 + 4) + 4, (double)results["student"]!["figures"]!["storedFloats"]!["mean"]!);
        Assert.Equal(["before", "after"], results["stages"]!.AsArray().Select(stage => (string)stage!["part"]!));
        Assert.Equal("real-subset", (string)TestRuns.Card(s_run.Value, "control-seed1").Method!["name"]!);
        var page = File.ReadAllText(Path.Combine(s_run.Value, "report.html"));
        var section = page[page.IndexOf("<h2>Distilled samples", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("</section>", StringComparison.Ordinal)];
        Assert.Equal(6, section.Split("<img src=\"data:image/png;base64,").Length - 1);
        Assert.Empty(ReportCheck.Differences(s_run.Value));
    }

    [Fact]
    public void Apply_gives_the_runs_student_again_and_a_folder_to_deploy()
    {
        var student = Path.Combine(TestRuns.Folder(), "student");
        var scores = DistilledStudent.Apply(Distilled(s_run.Value), Recipe(Options), student: student);
        var results = TestRuns.Json(Path.Combine(s_run.Value, "results.json"));
        var wanted = (double)results["student"]!["scores"]!["accuracy"]!["values"]![0]!;
        Assert.Equal(wanted, scores[1].Test["accuracy"]);
        Assert.True(File.Exists(Path.Combine(student, "model.onnx")));
        Assert.False(Directory.Exists(student + ".run"));
    }

    [Fact]
    public void Apply_refuses_another_architecture_and_torn_folders_in_a_sentence()
    {
        var other = Recipe(Options) with { Student = new MlpOptions { Hidden = [5] } };
        Assert.Contains("is for the network {\"name\":\"mlp\",\"hidden\":[16]",
            Assert.Throws<InvalidDataException>(() => DistilledStudent.Apply(Distilled(s_run.Value), other)).Message,
            StringComparison.Ordinal);

        var torn = Copy(Distilled(s_run.Value));
        File.Delete(Path.Combine(torn, "initial.safetensors"));
        Assert.Equal($"{Path.Combine(torn, "initial.safetensors")} is missing: distilled.json beside it names it, so "
            + "the folder is not complete.", Refusal(torn));
        var changed = Copy(Distilled(s_run.Value));
        var bytes = File.ReadAllBytes(Path.Combine(changed, "samples.safetensors"));
        bytes[^1] ^= 1;
        File.WriteAllBytes(Path.Combine(changed, "samples.safetensors"), bytes);
        Assert.EndsWith("its SHA-256 differs, so the folder is damaged or mixed.", Refusal(changed),
            StringComparison.Ordinal);
        File.Delete(Path.Combine(changed, "distilled.json"));
        Assert.EndsWith("is missing: a folder of distilled data has it, and it is written last.", Refusal(changed),
            StringComparison.Ordinal);

        static string Refusal(string folder) =>
            Assert.Throws<InvalidDataException>(() => DistilledStudent.Apply(folder, Recipe(Options))).Message;
    }

    [Fact] // one batch of all six samples: the supervised loss is the inner loss
    public void As_a_data_set_its_soft_labels_are_what_the_supervised_loss_compares_with()
    {
        using var scope = torch.NewDisposeScope();
        var data = new DistilledOptions { Path = Distilled(s_run.Value), Evaluation = Toy }.Open();
        var card = DistilledFolder.ReadCard(Distilled(s_run.Value));
        var samples = DistilledFolder.ReadSamples(Distilled(s_run.Value), card);
        var host = new HostBatch();
        data.Training.Load([0, 1, 2, 3, 4, 5], View.Plain, host);
        var logits = torch.randn(6, 4);
        Assert.Equal(DistilledSamples.Loss(logits, samples.Labels.reshape(6, 4)).ToSingle(),
            host.Copy().ToBatch().CrossEntropy(logits).ToSingle(), 1e-6f);

        var recipe = TestRuns.Recipe() with
        {
            Data = new DistilledOptions { Path = Distilled(s_run.Value), Evaluation = Toy },
            Training = new() { Epochs = 2, BatchSize = 3 },
        };
        Assert.True(File.Exists(Path.Combine(Experiment.Run(recipe, Fresh()), "report.md")));
        Assert.Contains("data.evaluation names", Assert.Throws<InvalidDataException>(() => new DistilledOptions
        {
            Path = Distilled(s_run.Value), Evaluation = new ToyOptions { Examples = 65 },
        }.Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Killed_within_the_distillation_and_resumed_it_ends_with_the_same_bits()
    {
        var recipe = Recipe(Options with { MetaSteps = 60 }) with { Name = "killed", Threads = 1 };
        var whole = Proofs.ProofRun.Whole(recipe);
        Proofs.ProofRun.KilledAndResumed(recipe, whole, "distillation/checkpoint.safetensors");
    }

    [Fact]
    public void A_random_start_is_scored_on_new_networks_and_needs_no_first_weights()
    {
        var run = Run(Options with { Start = StartKind.Random, EvaluationNetworks = 3, Networks = 2 });
        var figures = TestRuns.Json(Path.Combine(run, "results.json"))["student"]!["figures"]!;
        Assert.InRange((double)figures["accuracyOfNewNetworks"]!["mean"]!, 0, 1);
        Assert.False(File.Exists(Path.Combine(Distilled(run), "initial.safetensors")));
        Assert.Equal(2, DistilledStudent.Apply(Distilled(run), Recipe(Options), seed: 7).Count);
    }

    [Theory]
    [InlineData(DistilledLabels.Softmax, true)]
    [InlineData(DistilledLabels.Static, false)]
    public void Softmax_labels_are_probabilities_and_static_ones_stay(DistilledLabels labels, bool changes)
    {
        using var scope = torch.NewDisposeScope();
        var run = Run(Options with { Labels = labels, Gradient = GradientKind.Unrolled });
        var card = DistilledFolder.ReadCard(Distilled(run));
        var rows = DistilledFolder.ReadSamples(Distilled(run), card).Labels.reshape(-1, 4);
        Assert.All(rows.sum(-1).ToFloatArray(), sum => Assert.Equal(1, sum, 1e-5f));
        Assert.Equal(changes, rows.max().ToSingle() < 1);
        Assert.True(rows.min().ToSingle() >= 0);
    }

    [Fact] // to the last bits of float32
    public void Both_gradients_learn_the_same_samples()
    {
        using var scope = torch.NewDisposeScope();
        var run = Run(Options with { Gradient = GradientKind.Unrolled });
        var (one, other) = (Samples(s_run.Value), Samples(run));
        Assert.True(one.Labels.allclose(other.Labels, 1e-3, 1e-3));

        static DistilledSamples Samples(string run) =>
            DistilledFolder.ReadSamples(Distilled(run), DistilledFolder.ReadCard(Distilled(run)));
    }

    [Fact]
    public void More_samples_than_the_memory_limit_has_room_for_are_refused_before_the_start()
    {
        var error = Assert.Throws<InvalidOperationException>(
            () => Run(Options with { Samples = 100_000, MemoryLimit = 100 }));
        Assert.StartsWith("method.samples: 100000 samples in 2 batches, learned over 4 steps, would take about ",
            error.Message, StringComparison.Ordinal);
        Assert.EndsWith(" MB; method.memoryLimit allows 100 MB.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Networks_with_batch_normalization_and_data_of_texts_are_refused_with_the_reason()
    {
        Assert.Contains("which each batch changes (as batch normalization does): choose a network without it.",
            Refusal(Recipe(Options) with { Student = new ConvNetOptions { Widths = [4] } }), StringComparison.Ordinal);
        Assert.Contains("choose \"tdd\".", Refusal(Recipe(Options) with
        {
            Data = new TopicWordsOptions { Examples = 64 }, Student = new TextConvNetOptions(),
        }), StringComparison.Ordinal);
        Assert.Contains("this data has pixel_values.",
            Refusal(Recipe(new TextDataset { MetaSteps = 2 })), StringComparison.Ordinal);
        Assert.Contains("method.firstClasses must be indices of the data's 4 classes, from 0; one is 4.",
            Refusal(Recipe(Options with { FirstClasses = [0, 4] })), StringComparison.Ordinal);

        static string Refusal(Recipe recipe) =>
            Assert.Throws<InvalidOperationException>(() => Experiment.Run(recipe, Fresh())).Message;
    }

    [Fact] // two topics of 16 words; chance is a half
    public void Two_learned_sentences_teach_two_topics_and_are_read_by_their_nearest_words()
    {
        var recipe = Recipe(new TextDataset
        {
            MetaSteps = 150, StepSize = 0.5, MetaLearningRate = 0.1, ControlRates = [0.1, 1],
        }) with
        {
            Data = new TopicWordsOptions { Examples = 400, Classes = 2, Vocabulary = 48, Length = 5, Width = 8 },
            Student = new TextConvNetOptions { Filters = 16, Spans = [1], Dropout = 0.1 },
        };
        var run = Experiment.Run(recipe, Fresh());
        var results = TestRuns.Json(Path.Combine(run, "results.json"));
        Assert.InRange((double)results["student"]!["scores"]!["accuracy"]!["mean"]!, 0.7, 1);
        var words = DistilledFolder.ReadCard(Distilled(run)).Words!;
        Assert.Equal(2, words.Count);
        Assert.All(words, sentence => Assert.Equal(5, sentence.Split(' ').Length));
        Assert.Contains(words[0], File.ReadAllText(Path.Combine(run, "report.md")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RealSubset.SelectionKind.Random)]
    [InlineData(RealSubset.SelectionKind.KCenter)]
    public void As_many_real_examples_are_a_method_of_their_own(RealSubset.SelectionKind selection)
    {
        var run = Run(new RealSubset { Samples = 3, Steps = 2, Selection = selection, Rates = [0.01, 0.1] });
        var figures = TestRuns.Json(Path.Combine(run, "results.json"))["student"]!["figures"]!;
        Assert.Equal(6, (double)figures["examples"]!["mean"]!);
        Assert.True((double)figures["stepSize"]!["mean"]! is 0.01 or 0.1);
    }

    [Fact] // of points at 0, 1 and 10: after any first one the farthest is an end, and 1 comes first or last
    public void The_next_center_is_the_farthest_example()
    {
        var file = Path.Combine(TestRuns.Folder(), "points.csv");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "x,label\n" + string.Concat(Enumerable.Range(0, 30).Select(
            i => $"{(i % 3) switch { 0 => 0, 1 => 1, _ => 10 }},{(i % 2 == 0 ? "a" : "b")}\n")));
        var training = new CsvOptions { Path = file, Normalization = new(1, [0], [1]) }.Open().Training;
        var random = new RandomStream(1, StreamKey.Method);
        using var scope = TorchSharp.torch.NewDisposeScope();
        var chosen = RealExamples.Load(training, RealExamples.KCenter(training, 3, ref random)).Inputs.ToFloatArray();
        Assert.Equal([0, 1, 10], chosen.Order());
        Assert.NotEqual(1, chosen[1]);
    }

    static ToyOptions Toy { get; } = new() { Examples = 64 };

    static Recipe Recipe(ProcedureOptions method) => TestRuns.Recipe() with
    {
        Data = Toy, Teacher = null, Student = new MlpOptions { Hidden = [16] }, Method = method, Seeds = 1,
        Training = new() { Epochs = 2, BatchSize = 16, CheckpointSeconds = 0 },
    };

    static RunOptions Fresh() => new() { Folder = TestRuns.Folder(), Cores = 1 };

    static string Run(ProcedureOptions method) => Experiment.Run(Recipe(method), Fresh());

    static string Copy(string folder)
    {
        var copy = TestRuns.Folder();
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.GetFiles(folder)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return copy;
    }
}
