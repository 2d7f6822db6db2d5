using Google.Protobuf;
using Retort.Runtime.Wire;
using Retort.Teachers;

namespace Retort.Tests.Teachers;

public sealed class OnnxTeacherTests
{
    static OnnxTeacherOptions Options(string name) => new() { Path = Tiny.At(name) };

    [Fact]
    public void A_graph_gives_logits_embedding_and_stages_as_PyTorch_gave_them()
    {
        using var scope = torch.NewDisposeScope();
        var options = Options("tiny.onnx") with
        {
            Outputs = new() { Logits = "logits", Embedding = "embedding", HiddenStates = ["stage"] },
        };
        using var teacher = options.Open(Tiny.Info, torch.CPU);
        Assert.Equal(Output.Logits | Output.Embedding | Output.HiddenStates, teacher.AvailableOutputs);
        var answer = teacher.Forward(Tiny.Batch(), teacher.AvailableOutputs);
        Tiny.Equal("logits", answer.Logits);
        Tiny.Equal("embedding", answer.Embedding);
        Tiny.Equal("stage", Assert.Single(answer.HiddenStates));
        Assert.Throws<InvalidOperationException>(() => teacher.Forward(Tiny.Batch(), Output.Logits).Embedding);
    }

    [Theory]
    // made for four: the fifth picture takes a second run with three empty places
    [InlineData("tiny-of-four.onnx", 5, 1e-5)]
    [InlineData("tiny-of-four.onnx", 4, 1e-5)]
    [InlineData("tiny-of-four.onnx", 1, 1e-5)]
    [InlineData("tiny-half.onnx", 5, 5e-3)]          // half has 11 bits: 2⁻¹¹ of numbers up to 8
    public void Equivalent_graphs_give_the_same_outputs(string file, int count, double tolerance)
    {
        using var scope = torch.NewDisposeScope();
        using var teacher = Options(file).Open(Tiny.Info, torch.CPU);
        var answer = teacher.Forward(Tiny.Batch(count), Output.Logits).Logits;
        Assert.Equal([count, 4], answer.shape);
        Tiny.Equal("logits", answer, tolerance);
    }

    [Theory] // Conv 1 → 3 of 3 × 3 on 6 × 5 and Gemm 3 → 4, with biases: 27 + 3 + 12 + 4; 30 · 27 + 12 multiply-adds
    [InlineData("tiny.onnx")]
    [InlineData("tiny-of-four.onnx")]
    public void Its_cost_is_that_of_one_example(string file)
    {
        using var teacher = Options(file).Open(Tiny.Info, torch.CPU);
        var cost = teacher.CountCost()!;
        Assert.Equal((46L, 184L, 822L), (cost.Parameters, cost.Bytes, cost.MultiplyAdds));
        Assert.True(cost.ActivationBytes > 0);
    }

    [Fact]
    public void Channels_may_come_last()
    {
        using var scope = torch.NewDisposeScope();
        using var teacher = (Options("tiny-nhwc.onnx") with { Layout = ImageLayout.Nhwc }).Open(Tiny.Info, torch.CPU);
        Tiny.Equal("logits", teacher.Forward(Tiny.Batch(), Output.Logits).Logits);
        var error = Assert.Throws<InvalidDataException>(() => Options("tiny-nhwc.onnx").Open(Tiny.Info, torch.CPU));
        Assert.Contains(
            "takes pixels float [batch, 6, 5, 1]; the data gives pixel_values float32 [N, 1, 6, 5] in the layout nchw",
            error.Message,
            StringComparison.Ordinal);
    }

    [Fact] // the data has x' = (x / 255 - .5) / .25; the teacher wants x / 255: x / 255 = .25 x' + .5
    public void The_teachers_own_normalization_is_undone_and_done()
    {
        using var scope = torch.NewDisposeScope();
        var info = Tiny.Of([1, 6, 5], normalization: new(255, [0.5], [0.25]));
        using var teacher = (Options("tiny.onnx") with { Normalization = new(255, [0], [1]) }).Open(info, torch.CPU);
        Tiny.Equal("logits", teacher.Forward(Tiny.Batch(changed: x => (x - 0.5f) / 0.25f), Output.Logits).Logits, 1e-4);
    }

    [Fact]
    public void Batches_of_many_sizes_and_thread_counts_come_and_go()
    {
        using var scope = torch.NewDisposeScope();
        using var teacher = Options("tiny.onnx").Open(Tiny.Info, torch.CPU);
        var threads = torch.get_num_threads();
        try
        {
            for (var turn = 0; turn < 12; turn++)
            {
                torch.set_num_threads(1 + turn / 6);
                Tiny.Equal("logits", teacher.Forward(Tiny.Batch(1 + turn * 7 % 5), Output.Logits).Logits);
            }
        }
        finally { torch.set_num_threads(threads); }
    }

    [Fact]
    public void What_is_native_and_passing_goes_with_the_scope_of_a_step()
    {
        using var teacher = Options("tiny.onnx").Open(Tiny.Info, torch.CPU);
        using (torch.NewDisposeScope()) teacher.Forward(Tiny.Batch(), Output.Logits);
        var before = torch.Tensor.TotalCount;
        using (torch.NewDisposeScope()) teacher.Forward(Tiny.Batch(), Output.Logits);
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void The_hash_is_the_files()
    {
        var copy = Path.Combine(Directory.CreateTempSubdirectory("retort-onnx-").FullName, "t.onnx");
        File.Copy(Tiny.At("tiny.onnx"), copy);
        using var first = Options("tiny.onnx").Open(Tiny.Info, torch.CPU);
        using var same = (new OnnxTeacherOptions { Path = copy }).Open(Tiny.Info, torch.CPU);
        using var other = Options("tiny-of-four.onnx").Open(Tiny.Info, torch.CPU);
        Assert.Equal(first.Fingerprint(), same.Fingerprint());
        Assert.NotEqual(first.Fingerprint(), other.Fingerprint());
        File.AppendAllText(copy, "x");
        Assert.NotEqual(first.Fingerprint(), same.Fingerprint());
    }

    [Fact] // weights in a file of any name
    public void The_hash_is_also_of_the_files_that_the_graph_names()
    {
        var folder = Directory.CreateTempSubdirectory("retort-onnx-").FullName;
        var (path, weights) = (Path.Combine(folder, "t.onnx"), Path.Combine(folder, "weights.bin"));
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Tiny.At("tiny.onnx")));
        var tensor = model.Graph.Initializer.First(one => one.RawData.Length > 0);
        File.WriteAllBytes(weights, tensor.RawData.ToByteArray());
        tensor.RawData = ByteString.Empty;
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "weights.bin" });
        File.WriteAllBytes(path, model.ToByteArray());
        using var scope = torch.NewDisposeScope();
        using var teacher = new OnnxTeacherOptions { Path = path }.Open(Tiny.Info, torch.CPU);
        Tiny.Equal("logits", teacher.Forward(Tiny.Batch(), Output.Logits).Logits);
        var before = teacher.Fingerprint();
        var bytes = File.ReadAllBytes(weights);
        bytes[0] ^= 1;
        File.WriteAllBytes(weights, bytes);
        Assert.NotEqual(before, teacher.Fingerprint());
        File.Delete(weights);
        Assert.Equal(
            $"{weights} is not there; {path} keeps weights in it.",
            Assert.Throws<InvalidDataException>(teacher.Fingerprint).Message);
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "answers.json", "is no ONNX model that can be run" },
        { "nowhere.onnx", "is not there" },
        {
            "tiny.pt", "is a TorchScript program, which the teacher \"torchscript\" reads; the teacher \"onnx\" reads "
                + "ONNX graphs (torch.onnx.export)."
        },
        { "../Pth/checkpoint.pth", "is a PyTorch file of weights, which the teacher \"checkpoint\" reads with " },
        { "../Pth/checkpoint-legacy.pth", "is a PyTorch file of weights (a pickle), which the teacher \"checkpoint\"" },
        { "tiny-numbers.onnx", "returns label int64" },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void A_wrong_file_is_one_sentence(string file, string says)
    {
        var error = Assert.Throws<InvalidDataException>(() => Options(file).Open(Tiny.Info, torch.CPU));
        Assert.StartsWith(Tiny.At(file), error.Message, StringComparison.Ordinal);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_wrong_name_or_size_is_one_sentence_with_what_there_is()
    {
        Says(
            "has no input \"image\"; it has pixels float [batch, 1, 6, 5]",
            Options("tiny.onnx") with { Inputs = ["image"] },
            Tiny.Info);
        Says(
            "has no output \"scores\"; it has logits float [batch, 4], embedding float [batch, 3], stage float "
            + "[batch, 3, 6, 5]",
            Options("tiny.onnx") with { Outputs = new() { Logits = "scores" } },
            Tiny.Info);
        Says(
            "output \"embedding\", must return logits of [1, 4], a number for each of the data's 4 classes; it "
            + "returned [1, 3]",
            Options("tiny.onnx") with { Outputs = new() { Logits = "embedding" } },
            Tiny.Info);
        Says(
            "a number for each of the data's 10 classes; it returned [1, 4]",
            Options("tiny.onnx"),
            Tiny.Of([1, 6, 5], classes: 10));
        Says(
            "takes pixels float [batch, 1, 6, 5]; the data gives pixel_values float32 [N, 1, 28, 28]",
            Options("tiny.onnx"),
            Tiny.Of([1, 28, 28]));
        Says("the data gives features float32 [N, 30] in the layout nchw", Options("tiny.onnx"), Tiny.Of([30]));

        static void Says(string sentence, OnnxTeacherOptions options, DatasetInfo info) =>
            Assert.Contains(
                sentence, Assert.Throws<InvalidDataException>(() => options.Open(info, torch.CPU)).Message,
                StringComparison.Ordinal);
    }
}
