using System.IO.Compression;
using Retort.Teachers;

namespace Retort.Tests.Teachers;

public sealed class ScriptTeacherTests
{
    static readonly string[] Parts = ["logits", "embedding", "hidden_states"];

    static TorchScriptTeacherOptions Options(string name) => new() { Path = Tiny.At(name) };

    [Theory]
    [InlineData("tiny.pt")]
    [InlineData("tiny-training.pt")]                         // saved in train mode: it is asked in eval mode
    [InlineData("odd-listed.pt")]                            // a list of one tensor
    public void A_program_has_the_outputs_of_PyTorch_and_does_not_change(string file)
    {
        using var scope = torch.NewDisposeScope();
        using var teacher = Options(file).Open(Tiny.Info, torch.CPU);
        var before = teacher.Fingerprint();
        for (var turn = 0; turn < 3; turn++)
        {
            var logits = teacher.Forward(Tiny.Batch(), Output.Logits).Logits;
            Tiny.Equal("logits", logits);
            Assert.False(logits.requires_grad);
        }
        Assert.Equal(before, teacher.Fingerprint());
    }

    [Fact] // Conv 27 + 3, norm 3 + 3, Linear 12 + 4 parameters; mean and variance of 3 channels
    public void Its_parameters_and_their_size_are_counted()
    {
        using var teacher = Options("tiny.pt").Open(Tiny.Info, torch.CPU);
        Assert.Equal(new(52, 4 * (52 + 6), null, null), teacher.CountCost());
    }

    [Fact]
    public void The_recipe_names_the_outputs_of_a_tuple()
    {
        using var scope = torch.NewDisposeScope();
        using var teacher = (Options("tiny-parts.pt") with { Outputs = Parts }).Open(Tiny.Info, torch.CPU);
        var answer = teacher.Forward(Tiny.Batch(), teacher.AvailableOutputs);
        Tiny.Equal("logits", answer.Logits);
        Tiny.Equal("embedding", answer.Embedding);
        Tiny.Equal("stage", Assert.Single(answer.HiddenStates));
        using var fewer = (Options("tiny-parts.pt") with { Outputs = ["logits", "other", "other"] }).Open(
            Tiny.Info, torch.CPU);
        Assert.Equal(Output.Logits, fewer.AvailableOutputs);
        Tiny.Equal("logits", fewer.Forward(Tiny.Batch(2), Output.Logits).Logits);
    }

    [Fact]
    public void What_is_native_and_passing_goes_with_the_scope_of_a_step()
    {
        using var teacher = (Options("tiny-parts.pt") with { Outputs = Parts }).Open(Tiny.Info, torch.CPU);
        using (torch.NewDisposeScope()) teacher.Forward(Tiny.Batch(), Output.Logits);
        var before = torch.Tensor.TotalCount;
        using (torch.NewDisposeScope()) teacher.Forward(Tiny.Batch(), Output.Logits);
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Theory]
    [InlineData("answers.json", "is no TorchScript file")]
    [InlineData("tiny.onnx", "is an ONNX graph, which the teacher \"onnx\" reads; the teacher \"torchscript\" reads ")]
    [InlineData("nowhere.pt", "is not there")]
    [InlineData(
        "tiny-parts.pt",
        "must return a tensor, as the option \"outputs\" says (logits); it returned 3 tensors: [2, 4], [2, 3], [2, 3, "
        + "6, 5]")]
    [InlineData("odd-named.pt", "it returned something else")]
    [InlineData("odd-number.pt", "it returned something else")]
    [InlineData("odd-steep.pt", "cannot be run on [2, 1, 6, 5]: mat1 and mat2 shapes cannot be multiplied")]
    [InlineData("odd-many.pt", "forward() is missing value for argument 'y'")]
    [InlineData(
        "odd-spy.pt", "is refused: its program (__torch__.py, line 8) is not judged safe: it calls 'torch.save'")]
    public void What_does_not_fit_is_one_sentence(string file, string says)
    {
        var error = Assert.Throws<InvalidDataException>(() => Options(file).Open(Tiny.Info, torch.CPU));
        Assert.StartsWith(Tiny.At(file), error.Message, StringComparison.Ordinal);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.False(File.Exists("retort-script-wrote"));
    }

    [Fact]
    public void Data_of_another_shape_or_number_of_classes_is_refused_at_once()
    {
        Assert.Contains(
            "to have 1 channels, but got 3 channels", Refusal(Tiny.Of([3, 6, 5])), StringComparison.Ordinal);
        Assert.Contains(
            "must return logits of [2, 10]", Refusal(Tiny.Of([1, 6, 5], classes: 10)), StringComparison.Ordinal);

        static string Refusal(DatasetInfo info) =>
            Assert.Throws<InvalidDataException>(() => Options("tiny.pt").Open(info, torch.CPU)).Message;
    }

    [Fact]
    public void Weights_without_a_program_are_sent_to_the_teacher_that_reads_them()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("retort-script-").FullName, "w.pth");
        using (var archive = ZipFile.Open(path, ZipArchiveMode.Create)) archive.CreateEntry("w/data.pkl");
        Assert.Contains(
            "is a PyTorch file of weights, which the teacher \"checkpoint\" reads with a network",
            Assert.Throws<InvalidDataException>(
                () => new TorchScriptTeacherOptions { Path = path }.Open(Tiny.Info, torch.CPU)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("logits,embedding,logits", "Outputs must have \"logits\" at most once.")]
    [InlineData(
        "logits,scores",
        "Outputs must be of logits, embedding, hidden_states, attentions, token_embeddings, action, other; one is "
        + "\"scores\".")]
    [InlineData("other,other", "Outputs must have at least one output that is used; it has none.")]
    public void Outputs_are_named_by_their_keys(string names, string sentence) => Assert.Contains(
        sentence,
        Assert.Throws<ArgumentOutOfRangeException>(() => new TorchScriptTeacherOptions
        {
            Path = "x", Outputs = names.Split(','),
        }.Open(Tiny.Info, torch.CPU)).Message, StringComparison.Ordinal);
}
