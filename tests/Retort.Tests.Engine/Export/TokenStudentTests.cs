using System.Text.Json.Nodes;
using Retort.Export;
using Retort.Models;
using Retort.Recipes;
using Retort.Runs;
using Retort.Runtime;
using Retort.Tests.Contract;
using Retort.Tests.Proofs;
using Retort.Tests.Recipes;
using Retort.Training;

namespace Retort.Tests.Export;

/// <summary>A student of token ids from its run to a deployed folder, and out of it.</summary>
public sealed class TokenStudentTests(TokenStudentTests.OneRun one) : IClassFixture<TokenStudentTests.OneRun>
{
    /// <summary>Teacher and student of 3 to 9 tokens, a few epochs.</summary>
    public sealed class OneRun
    {
        public string Path { get; } = ProofRun.Whole(new()
        {
            Name = "tokens",
            Data = new TokenDataOptions(),
            Student = new TokenNetworkOptions(),
            Seeds = 1,
            Threads = 1,
            Method = new Retort.Methods.SoftTargetsOptions(),
            Teacher =
                new TrainedTeacherOptions { Network = new TokenNetworkOptions { Heads = 4 }, Training = Training },
            Training = Training,
        });

        static TrainingOptions Training =>
            new() { Epochs = 2, BatchSize = 8, Optimizer = new AdamOptions(), LearningRate = 0.02 };
    }

    [Fact]
    public void A_folder_describes_inputs_outputs_and_task_and_its_student_is_run_by_names()
    {
        var target = Path.Combine(Few.Folder(), "student");
        var exported = StudentFolder.Write(one.Path, new()
        {
            Network = "student-seed1",
            Folder = target,
            IncludeInt8 = true,
            IncludeFloat16 = true,
            Outputs = Output.Embedding | Output.Attentions,
        });
        Assert.Equal(["float32", "int8", "float16"], exported.Variants.Select(variant => variant.Name));
        Assert.Equal(96, exported.Inputs); // 24 of validation, 24 of test, 48 of training
        Assert.InRange(exported.WorstError, 0, 1e-5);
        Assert.All(exported.Variants, variant => Assert.InRange(variant.Agreement!.Value, 0.8, 1));

        var config = TestRuns.Json(Path.Combine(target, "config.json"));
        Assert.Equal("classification", (string?)config["task"]!["name"]);
        Assert.Equal(
            """{"name":"input_ids","type":"int64","axes":[{"name":"sequence","size":null,"maxSize":9}],"""
            + "\"vocabulary\":20}",
            config["inputs"]![0]!.ToJsonString());
        Assert.Equal(
            ["logits", "embedding", "attentions.0"],
            config["outputs"]!.AsArray().Select(output => (string?)output!["name"]));
        var card = File.ReadAllText(Path.Combine(target, "README.md"));
        Assert.Contains("pipeline_tag: text-classification", card, StringComparison.Ordinal);
        Assert.Contains(
            "| input `attention_mask` | int64 `[batch, sequence]`: 1 at tokens, 0 at padding |", card,
            StringComparison.Ordinal);
        Assert.Contains(
            "| output `attentions.0` | float32 `[batch, 2, sequence, sequence]` |", card, StringComparison.Ordinal);

        using var student = Student.Open(target);
        Student.Verify(target);
        Assert.Equal("attention_mask int64 [batch, sequence]", student.Inputs[1].ToString());
        using var scope = torch.NewDisposeScope();
        using var saved = SavedNetwork.Open(target);
        long[] ids = [3, 12, 7, 1, 18, 0], mask = [1, 1, 1, 1, 1, 0];
        var expected = saved.Network.Forward(
            new(("input_ids", ids.ToTensor(2, 3)), ("attention_mask", mask.ToTensor(2, 3))), Output.Logits).Logits;
        var outputs = student
            .Run([NamedTensor.Of<long>("attention_mask", mask, 2, 3), NamedTensor.Of<long>("input_ids", ids, 2, 3)]);
        Assert.Equal(["attentions.0", "embedding", "logits"], outputs.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([2, 2, 3, 3], outputs["attentions.0"].Shape);
        Assert.Equal(
            expected.ToFloatArray(), outputs["logits"].Values<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-5f);
        using var int8 = Student.Open(target, "int8");
        Assert.Equal("embedding", Assert.Single(int8.Run(
            [NamedTensor.Of<long>("attention_mask", mask, 2, 3), NamedTensor.Of<long>("input_ids", ids, 2, 3)],
            "embedding")).Key);
        Refusals(student);
    }

    static void Refusals(Student student)
    {
        var ids = NamedTensor.Of<long>("input_ids", [1, 2], 1, 2);
        var model = student.Outputs[0].Name;
        Assert.Equal("logits", model);
        Says<InvalidOperationException>(
            "This student takes input_ids int64 [batch, sequence], attention_mask int64 [batch, sequence] and returns "
            + "logits float [batch, 2]",
            () => student.Predict([1f, 2f]));
        Says<ArgumentException>(
            "the input attention_mask int64 [batch, sequence] is missing.", () => student.Run([ids]));
        Says<ArgumentException>(
            "has no input \"mask\"; it takes input_ids int64",
            () => student.Run([ids, NamedTensor.Of<long>("mask", [1, 1], 1, 2)]));
        Says<ArgumentException>(
            "takes attention_mask int64 [batch, sequence]; attention_mask float [1, 2] came.",
            () => student.Run([ids, NamedTensor.Of<float>("attention_mask", [1, 1], 1, 2)]));
        Says<InvalidDataException>(
            "has no output \"scores\"; it has logits float [batch, 2]",
            () => student.Run([ids, NamedTensor.Of<long>("attention_mask", [1, 1], 1, 2)], "scores"));
        Says<ArgumentException>(
            "ids: the shape [2, 2] does not fit 3 numbers.", () => NamedTensor.Of<long>("ids", [1, 2, 3], 2, 2));

        static void Says<T>(string sentence, Func<object> call) where T : Exception =>
            Assert.Contains(sentence, Assert.Throws<T>(() => { call(); }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_exports_more_outputs_and_refuses_those_that_are_not_offered()
    {
        var target = Path.Combine(Few.Folder(), "student");
        var (code, output, _) = await Cli.ToolTests.Call(
            "export", one.Path, "--seed", "1", "--out", target, "--outputs", "hidden_states,token_embeddings",
            "--json");
        Assert.Equal((0, "accuracy"), (code, (string?)JsonNode.Parse(output)!["score"]!["name"]));
        var (seen, text, _) = await Cli.ToolTests.Call("inspect", target);
        Assert.Equal(0, seen);
        Assert.Contains("out   hidden_states.1 float [batch, sequence, 8]", text, StringComparison.Ordinal);
        var wrong = await Cli.ToolTests.Call("export", one.Path, "--outputs", "scores");
        Assert.Equal(
            (1, "retort export: --outputs must be names of logits, embedding, hidden_states, attentions, "
                + "token_embeddings, action; one is \"scores\".\n"),
            (wrong.Code, wrong.Error));
    }

    [Fact] // a teacher of eight columns beside a student of four
    public async Task A_teacher_with_a_front_end_of_its_own_is_exported_with_its_own_inputs()
    {
        var training = new TrainingOptions { Epochs = 1, BatchSize = 16 };
        var run = ProofRun.Whole(new()
        {
            Name = "front-ends",
            Data = new TwoFrontEndsOptions(),
            Teacher = new TrainedTeacherOptions { Network = new MlpOptions { Hidden = [16] }, Training = training },
            Student = new MlpOptions { Hidden = [4] },
            Method = new Retort.Methods.SoftTargetsOptions(),
            Training = training,
            Seeds = 1,
            Threads = 1,
        });
        foreach (var (network, width) in ((string, int)[])[("teacher", 8), ("student-seed1", 4)])
        {
            var target = Path.Combine(Few.Folder(), network);
            Assert.InRange(StudentFolder.Write(run, new() { Network = network, Folder = target }).WorstError, 0, 1e-5);
            using var student = Student.Open(target);
            Assert.Equal([-1, width], student.Inputs[0].Shape);
        }
        var missing = await Cli.ToolTests.Call("export", run, "--outputs", "attentions");
        Assert.Equal(
            (1, "The network Mlp does not offer attentions; it offers logits, embedding, hidden states.\n"),
            (missing.Code, missing.Error));
    }
}
