using System.IO.Compression;
using Retort.Teachers;
using Retort.Tests.Contract;

namespace Retort.Tests.Teachers;

/// <summary>Teachers of several typed inputs of varying length: ONNX, TorchScript, a service.</summary>
public sealed class TokenTeacherTests
{
    static readonly OnnxOutputNames Named =
        new() { Logits = "logits", HiddenStates = ["hidden"], Attentions = ["attention"] };

    internal static OnnxTeacherOptions Options(string? path = null) =>
        new() { Path = path ?? TokenTeacher.File(), Outputs = Named };

    // ids 1 3 and 2 2 2 0: means 2 and 1.5. hidden of id k is (k, 1). Row 0 of the first:
    // products 1·1+1 = 2 and 1·3+1 = 4,
    // so e⁻² / (1 + e⁻²) = .1192; row 1: 4 and 10: e⁻⁶ / (1 + e⁻⁶) = .0025. Masked places are 0.
    [Fact]
    public void Logits_hidden_states_and_attentions_of_an_ONNX_graph_as_computed_by_hand()
    {
        using var scope = torch.NewDisposeScope();
        using var teacher = Options().Open(TokenTeacher.Info, torch.CPU);
        Assert.Equal(Output.Logits | Output.HiddenStates | Output.Attentions, teacher.AvailableOutputs);
        var outputs = teacher.Forward(TokenTeacher.Batch([[1, 3], [2, 2, 2, 0]]), teacher.AvailableOutputs);
        Assert.Equal([2, 1, 1.5f, 1], outputs.Logits.ToFloatArray());
        var hidden = Assert.Single(outputs.HiddenStates);
        Assert.Equal([2, 4, 2], hidden.shape);
        Assert.Equal([1, 1, 3, 1, 4, 1, 4, 1, 2, 1, 2, 1, 2, 1, 0, 1], hidden.ToFloatArray());
        var attentions = Assert.Single(outputs.Attentions);
        Assert.Equal([2, 1, 4, 4], attentions.shape);
        Assert.Equal(
            [0.1192f, 0.8808f, 0, 0, 0.0025f, 0.9975f, 0, 0],
            attentions.ToFloatArray()[..8],
            (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Theory] // any batch, any length; what stands in the padding reaches no logit
    [InlineData(1, 3)]
    [InlineData(3, 4)]
    [InlineData(2, 6)]
    public void Padding_changes_no_logit(int count, int length)
    {
        using var scope = torch.NewDisposeScope();
        using var teacher = Options().Open(TokenTeacher.Info, torch.CPU);
        long[][] rows = [.. Enumerable.Range(0, count).Select(i => (long[])[i, 3, 1])];
        var expected = teacher.Forward(TokenTeacher.Batch(rows), Output.Logits).Logits;
        Assert.Equal(
            expected.ToFloatArray(),
            teacher.Forward(TokenTeacher.Batch(rows, length), Output.Logits).Logits.ToFloatArray());
        Assert.Throws<InvalidOperationException>(() => teacher.Forward(TokenTeacher.Batch(rows), Output.Embedding));
    }

    [Fact] // three examples in a graph for two: the second run has a row of padding
    public void A_fixed_batch_is_run_as_often_as_needed()
    {
        using var scope = torch.NewDisposeScope();
        using var free = Options().Open(TokenTeacher.Info, torch.CPU);
        using var two = Options(TokenTeacher.File(batch: 2)).Open(TokenTeacher.Info, torch.CPU);
        var batch = TokenTeacher.Batch([[1], [2, 3, 0], [4, 4]]);
        var (expected, found) = (free.Forward(batch, free.AvailableOutputs), two.Forward(batch, two.AvailableOutputs));
        foreach (var key in free.AvailableOutputs.Keys)
        {
            Assert.Equal(expected[key].shape, found[key].shape);
            Assert.Equal(expected[key].ToFloatArray(), found[key].ToFloatArray());
        }
    }

    [Fact]
    public void Inputs_of_other_names_are_listed_in_the_order_of_the_data()
    {
        using var scope = torch.NewDisposeScope();
        var path = TokenTeacher.File(names: ("ids", "mask"));
        using var teacher = (Options(path) with { Inputs = ["ids", "mask"] }).Open(TokenTeacher.Info, torch.CPU);
        Assert.Equal(
            [2, 1], teacher.Forward(TokenTeacher.Batch([[1, 3]], length: 5), Output.Logits).Logits.ToFloatArray());
        Says(
            $"{path} takes ids int64 [batch, sequence], and the data has input_ids int64 [N, sequence], attention_mask "
            + "int64 [N, sequence]: list the graph's names in the order of the data in the option \"inputs\".",
            Options(path),
            TokenTeacher.Info);
        Says(
            "has no input \"words\"; it has ids int64",
            Options(path) with { Inputs = ["words", "mask"] },
            TokenTeacher.Info);
        Says(
            "names 3 inputs; the data has input_ids",
            Options(path) with { Inputs = ["ids", "mask", "ids"] },
            TokenTeacher.Info);
    }

    [Fact]
    public void A_graph_that_does_not_fit_is_one_sentence()
    {
        var of = TokenTeacher.Info;
        Says(
            "of 4 only, and the data's sequence varies from batch to batch: export the graph with this axis left free.",
            Options(TokenTeacher.File(length: 4)), of);
        Says(
            "takes input_ids int64 [batch, 4]; the data gives input_ids int64 [N, 6]",
            Options(TokenTeacher.File(length: 4)), of with
            {
                Inputs = [.. of.Inputs.Select(input => input with { Axes = [new("sequence", 6)] })],
            });
        Says(
            "takes input_ids int64 [batch, sequence]; the data gives input_ids float32 [N, sequence], which float, "
            + "float16 or double can hold.",
            Options(),
            of with { Inputs = [.. of.Inputs.Select(input => input with { Type = TensorType.Float32 })] });
        Says(
            "has no output \"attention_2\"; it has logits float [batch, 2], hidden",
            Options() with { Outputs = Named with { Attentions = ["attention_2"] } }, of);
        Says("output \"hidden\", must return attentions of [batch, head, sequence, sequence]; it returned [1, 6, 2].",
            Options() with { Outputs = Named with { Attentions = ["hidden"] } }, of);
    }

    [Fact] // the student has a table, the teacher tokens: it is opened for and fed its own inputs
    public void A_teacher_with_a_front_end_of_its_own_is_fed_its_own_inputs()
    {
        using var scope = torch.NewDisposeScope();
        var data =
            TokenTeacher.Info with { Inputs = [TensorSpec.Features(2)], TeacherInputs = TokenTeacher.Info.Inputs };
        using var teacher = Options().Open(data, torch.CPU);
        var tokens = TokenTeacher.Batch([[1, 3], [2, 2]]);
        var batch = new Batch
        {
            Inputs = new(("features", torch.zeros(2, 2))), TeacherInputs = tokens.Inputs,
            Labels = tokens.Labels, Labelled = 2, Ids = tokens.Ids,
        };
        Assert.Equal([2, 1, 2, 1], teacher.Forward(batch, Output.Logits).Logits.ToFloatArray());
    }

    const string Program = """
        class Many(Module):
          __parameters__ = []
          __buffers__ = []
          training : bool
          _is_full_backward_hook : Optional[bool]
          def forward(self: __torch__.Many,
            ids: Tensor,
            mask: Tensor) -> Tuple[Tensor, List[Tensor]]:
            _0 = torch.mul_(ids, mask)
            hidden = torch.unsqueeze(torch.mul(ids, 0.5), -1)
            logits = torch.stack([torch.sum(ids, [1]), torch.sum(mask, [1])], 1)
            return (torch.mul(logits, 1.), [hidden, torch.neg(hidden)])

        """;

    internal static TorchScriptTeacherOptions ScriptOptions() => new()
    {
        Path = Script(Program), Outputs = ["logits", "hidden_states", "hidden_states"],
    };

    [Fact] // logits: sum of the real ids, their number; it writes over its ids, but those are a copy
    public void A_program_takes_the_inputs_in_order_and_its_tuples_and_lists_are_taken_apart()
    {
        using var scope = torch.NewDisposeScope();
        var options = ScriptOptions();
        using var teacher = options.Open(TokenTeacher.Info, torch.CPU);
        var batch = TokenTeacher.Batch([[1, 3], [2, 2, 1]]);
        var before = batch.Inputs.InputIds.ToLongArray();
        var outputs = teacher.Forward(batch, Output.Logits | Output.HiddenStates);
        Assert.Equal([4, 2, 5, 3], outputs.Logits.ToFloatArray());
        Assert.Equal([0.5f, 1.5f, 0, 1, 1, 0.5f], outputs.HiddenStates[0].ToFloatArray());
        Assert.Equal([-0.5f, -1.5f, -0f, -1, -1, -0.5f], outputs.HiddenStates[1].ToFloatArray());
        Assert.Equal([2, 3, 1], outputs.HiddenStates[1].shape);
        Assert.Equal(before, batch.Inputs.InputIds.ToLongArray());
        Assert.EndsWith(
            "must return 2 tensors, as the option \"outputs\" says (logits, hidden_states); it returned 3 tensors: [2, "
            + "2], [2, 6, 1], [2, 6, 1].",
            Assert.Throws<InvalidDataException>(() => (options with { Outputs = ["logits", "hidden_states"] })
                .Open(TokenTeacher.Info, torch.CPU)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_writes_over_its_input_does_not_change_the_batch()
    {
        using var scope = torch.NewDisposeScope();
        using var teacher = new NetworkTeacher(ModuleFactory.Create(() => new Overwriting()), owns: true);
        var batch = TokenTeacher.Batch([[1, 3]]);
        Assert.Equal([0, 0], teacher.Forward(batch, Output.Logits).Logits.ToFloatArray());
        Assert.Equal([1, 3], batch.Inputs.InputIds.ToLongArray());
    }

    internal static TeacherServer Server() => new TeacherServer
    {
        Info = """
            { "name": "sums", "version": "1", "classes": ["a", "b", "c", "d"],
              "outputs": ["hidden_states.0", "logits", "hidden_states.1"],
              "inputs": [{ "name": "attention_mask", "type": "int64", "shape": [null] },
                { "name": "input_ids", "type": "int64", "shape": [null] }] }
            """,
    };

    [Fact]
    public void A_service_is_sent_all_inputs_and_returns_the_outputs_that_are_wanted()
    {
        using var scope = torch.NewDisposeScope();
        using var server = Server();
        var data = TokenTeacher.Info with { Classes = ["a", "b", "c", "d"] };
        using var teacher = new RemoteTeacherOptions { Url = server.Url }.Open(data, torch.CPU);
        Assert.Equal(Output.Logits | Output.HiddenStates, teacher.AvailableOutputs);
        var batch = TokenTeacher.Batch([[1, 3], [2, 2, 1]]);
        var outputs = teacher.Forward(batch, teacher.AvailableOutputs);
        Assert.Equal([6, 7, 8, 9, 8, 9, 10, 11], outputs.Logits.ToFloatArray()); // 1 + 3 + 2 and 2 + 2 + 1 + 3
        Assert.Equal([1, 3, 4, 2, 2, 1], outputs.HiddenStates[0].ToFloatArray());
        Assert.Equal([2, 6, 8, 4, 4, 2], outputs.HiddenStates[1].ToFloatArray());
        teacher.Forward(batch, Output.Logits);
        Assert.Equal(
            [
                "GET /teacher", "POST /teacher/predict?outputs=logits,hidden_states.0,hidden_states.1",
                "POST /teacher/predict?outputs=logits",
            ],
            server.Requests);
        Assert.Equal($"{server.Url} serves logits, hidden states; embedding was asked for.",
            Assert.Throws<InvalidOperationException>(() => teacher.Forward(batch, Output.Embedding)).Message);
    }

    static void Says(string sentence, OnnxTeacherOptions options, DatasetInfo data)
    {
        var message = Assert.Throws<InvalidDataException>(() => options.Open(data, torch.CPU)).Message;
        Assert.Contains(sentence, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    // the golden program of two inputs with other code: a module without weights is the same for any
    static string Script(string program)
    {
        var path = Path.Combine(Few.Folder(), "tokens.pt");
        File.Copy(Tiny.At("odd-many.pt"), path);
        using var archive = ZipFile.Open(path, ZipArchiveMode.Update);
        var name = archive.Entries.Single(entry => entry.Name == "__torch__.py").FullName;
        archive.GetEntry(name)!.Delete();
        using var writer = new StreamWriter(archive.CreateEntry(name, CompressionLevel.NoCompression).Open());
        writer.Write(program.ReplaceLineEndings("\n"));
        return path;
    }

    sealed class Overwriting() : Network(nameof(Overwriting))
    {
        public override OutputSet AvailableOutputs => Output.Logits;

        public override Outputs Forward(Inputs inputs, OutputSet wanted) =>
            new() { Logits = inputs.InputIds.zero_().to(torch.ScalarType.Float32) };
    }
}
