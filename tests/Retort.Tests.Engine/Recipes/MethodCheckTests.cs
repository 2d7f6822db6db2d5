using Retort.Data;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Report;
using Retort.Tasks;
using Retort.Tests.Cli;
using Retort.Tests.Contract;
using Retort.Tests.Methods;
using Retort.Tests.Proofs;
using Retort.Training;

namespace Retort.Tests.Recipes;

/// <summary>What does not fit together is refused before anything is trained or written.</summary>
public sealed class MethodCheckTests
{
    readonly string _folder = Path.Combine(Few.Folder(), "run");

    static Recipe Recipe(MethodOptions method) => new()
    {
        Name = "unfit",
        Data = new ToyOptions { Examples = 32 },
        Teacher = new TrainedTeacherOptions { Network = new MlpOptions { Hidden = [8] } },
        Student = new MlpOptions { Hidden = [4] },
        Method = method,
        Threads = 1,
    };

    [Fact]
    public void An_output_that_the_networks_do_not_offer() =>
        Refused(Recipe(new TokenLossOptions()),
            "The method proof-token-loss needs attentions, and the teacher does not offer it; it offers logits, "
            + "embedding, hidden states. Choose another teacher or method; the option \"outputs\" of the teachers "
            + "\"onnx\" and \"torchscript\" can name more.");

    [Fact] // the layer's size would be 0
    public void An_output_that_the_method_reads_when_it_is_built() =>
        Refused(Recipe(new MistakenLossOptions { Mistake = LossMistake.ReadsMissingWidth }),
            "The method proof-mistaken-loss needs attentions, and the teacher does not offer it; it offers logits, ");

    [Theory]
    [InlineData(LossMistake.TermOfTheBatch, "The term \"logits\" must be one number, such as a mean; it is [64].")]
    [InlineData(LossMistake.NoGradient, "element 0 of tensors does not require grad and does not have a grad_fn")]
    [InlineData(LossMistake.OtherShapes, "The size of tensor a (4) must match the size of tensor b (2)")]
    public void A_mistake_in_the_loss_is_thrown_before_the_teacher_is_trained(LossMistake mistake, string why)
    {
        var error = Assert.ThrowsAny<Exception>(() => Experiment.Run(
            Recipe(new MistakenLossOptions { Mistake = mistake }), new() { Folder = _folder, Jobs = 1 }));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder));
    }

    [Fact] // 64 examples in batches of 16: 4 steps an epoch; at the end 2 batches of validation for student and control
    public void The_first_batch_is_tried_once_and_not_again_when_a_run_is_resumed()
    {
        var options = new MistakenLossOptions();
        var recipe = TestRuns.Recipe(threads: 1) with { Method = options };
        using var stop = new CancellationTokenSource();
        var before = MistakenLoss.Calls;
        Assert.Throws<OperationCanceledException>(() => Experiment.Run(
            recipe, new() { Folder = _folder, Jobs = 1 }, new Epochs(end =>
            {
                if (end.Part == "student-seed1") stop.Cancel();
            }), stop.Token));
        Assert.Equal(1 + 4, MistakenLoss.Calls - before);
        Experiment.Run(recipe, new() { Folder = _folder, Jobs = 1, Resume = true });
        Assert.Equal(1 + 8 + 4, MistakenLoss.Calls - before);
    }

    [Fact]
    public void A_method_of_class_probabilities_on_another_task()
    {
        var embedding = new EmbeddingOptions();
        Refused(Recipe(new SoftTargetsOptions()) with { Task = embedding }, "The method \"kd\" compares class");
        Refused(Recipe(new SelfDistillationOptions()) with { Task = embedding, Teacher = null },
            "The method \"sdls\" compares class probabilities, which only the task \"classification\" has; "
            + "this run's task is \"embedding\".");
    }

    [Fact]
    public void Data_with_one_class_or_with_too_few_examples_for_the_report()
    {
        var recipe = Recipe(new LabelsOnlyOptions()) with { Teacher = null };
        Refused(recipe with { Data = new ToyOptions { Classes = 1 } },
            "The task \"classification\" needs data with at least two classes; this data has one, \"band 0\".");
        Refused(Recipe(new LabelSmoothingOptions()) with { Teacher = null, Data = new ToyOptions { Examples = 3 } },
            "The data \"toy\" has 3 labelled training examples after the split; at least 4 are needed.");
    }

    [Fact]
    public void An_embedding_of_another_width_than_the_teachers() =>
        Refused(Recipe(new QueueOptions()) with { Task = new EmbeddingOptions() },
            "the student's width is 4 and the teacher's 8");

    [Fact]
    public void A_student_wider_than_the_teacher_and_too_few_embeddings_for_a_reduction()
    {
        var recipe = Recipe(new SpecializedEmbeddingOptions()) with { Task = new EmbeddingOptions() };
        Refused(recipe with { Student = new MlpOptions { Hidden = [16] } },
            "The method \"sea\" needs a student whose embedding is at most as wide as the teacher's, 8; it is 16.");
        Refused(recipe with { Method = new SpecializedEmbeddingOptions { Sample = 4 } },
            "The method \"sea\" fits a reduction to 4 numbers on more embeddings than that, all of the training split "
            + "or method.sample; there are 4.");
    }

    [Fact]
    public void One_example_in_a_batch_for_a_guide_that_normalizes_over_it_in_a_trial_too()
    {
        var recipe = Recipe(new ScaffoldedKnowledgeOptions());
        const string Sentence = "The guide \"embedding\" of the method \"disk\" normalizes over a batch: "
            + "training.batchSize must be at least 2; it is 1.";
        Refused(recipe with { Training = new() { BatchSize = 1 } }, Sentence);
        Refused(recipe with
        {
            Search = new() { Over = [new ChoiceOptions { Option = "training.batchSize", Values = [8, 1] }] },
        }, Sentence);
    }

    [Fact] // the control would use them, and the student would not
    public void Options_of_the_training_that_a_procedure_with_loops_of_its_own_does_not_use()
    {
        TrainingOptions precise = new() { Precision = TrainingPrecision.Bfloat16 };
        TrainingOptions averaged = new() { EmaDecay = 0.9 };
        MethodOptions[] methods = [new ScaffoldedKnowledgeOptions(), new AdaptiveEncoderOptions()];
        foreach (var (method, name) in methods.Zip((string[])["disk", "dynabert"]))
        {
            Refused(Recipe(method) with { Training = precise },
                $"The method {name} trains its student in float32: leave training.precision out of the recipe.");
            Refused(Recipe(method) with { Training = averaged },
                $"The method {name} keeps no moving average of its student: leave training.emaDecay out of the "
                + "recipe.");
        }
        var search = new SearchOptions
        {
            Over = [new ChoiceOptions { Option = "training.emaDecay", Values = [0.9, 0.99] }],
        };
        Refused(Recipe(methods[0]) with { Search = search }, "leave training.emaDecay out of the recipe.");
    }

    [Fact]
    public void A_method_that_one_trial_of_a_search_would_try()
    {
        var recipe = Recipe(new SoftTargetsOptions()) with
        {
            Search = new()
            {
                Over = [new ChoiceOptions { Option = "method", Values = [
                    new System.Text.Json.Nodes.JsonObject { ["name"] = "kd" },
                    new System.Text.Json.Nodes.JsonObject { ["name"] = "proof-token-loss" },
                ] }],
            },
        };
        Refused(recipe, "The method proof-token-loss needs");
    }

    [Fact]
    public async Task The_command_says_so_in_one_line_and_leaves_no_folder()
    {
        var table = Path.Combine(Few.Folder(), "table.csv");
        File.WriteAllLines(table, Enumerable.Range(0, 40).Select(i => $"{i},{i % 7},{i % 3}"));
        var recipe = Path.Combine(Path.GetDirectoryName(table)!, "values.json");
        File.WriteAllText(recipe, """
            {
              "data": { "name": "csv", "path": "table.csv", "valueColumns": ["-1"] },
              "teacher": { "name": "trained", "network": { "name": "mlp" } },
              "student": { "name": "mlp" },
              "method": { "name": "kd" }
            }
            """);
        var (code, output, error) = await ToolTests.Call("run", recipe, "--out", _folder);
        Assert.Equal((1, ""), (code, output));
        Assert.Equal("The method \"kd\" compares class probabilities, which only the task \"classification\" has; "
            + "this run's task is \"regression\".\n", error);
        Assert.False(Directory.Exists(_folder));
    }

    void Refused(Recipe recipe, string why)
    {
        var error = Assert.Throws<InvalidOperationException>(
            () => Experiment.Run(recipe, new() { Folder = _folder, Jobs = 1 }));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder));
    }
}
