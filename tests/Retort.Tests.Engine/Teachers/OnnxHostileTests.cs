using Google.Protobuf;
using Retort.Runtime.Wire;
using Retort.Teachers;
using Retort.Tests.Contract;

namespace Retort.Tests.Teachers;

/// <summary>Graphs that name other files, or that take another batch than they say.</summary>
public sealed class OnnxHostileTests
{
    readonly string _folder = Few.Folder();

    string FilePath => Path.Combine(_folder, "models", "t.onnx");

    [Theory]
    [InlineData("../outside.bin", "names a file outside its folder")]
    [InlineData("./x/../../outside.bin", "names a file outside its folder")]
    [InlineData("/etc/passwd", "names a file outside its folder")]
    [InlineData("*/_ORT_MEM_ADDR_/*", "names a file outside its folder")]
    [InlineData("", "names a file outside its folder")]
    [InlineData("C:\\x.bin", "names a file outside its folder")]
    [InlineData("beside.bin\0x", "names a file outside its folder")]
    [InlineData("link.bin", "names a link")]
    [InlineData("folder/beside.bin", "names a link")]
    [InlineData("fifo.bin", "names something that is empty or no file")]
    [InlineData("nowhere\u001b[31m.bin", "names a file that is not there: \"nowhere\\u001b[31m.bin\"")]
    public void Weights_are_in_a_file_in_the_graphs_folder(string location, string sentence)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs links and pipes.");
        Save(location);
        var error = Assert.Throws<InvalidDataException>(
            () => new OnnxTeacherOptions { Path = FilePath }.Open(Tiny.Info, torch.CPU));
        Assert.StartsWith(
            $"{FilePath} keeps weights in another file, which must be a file in its folder; it ", error.Message,
            StringComparison.Ordinal);
        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("beside.bin")]
    [InlineData("./sub/beside.bin")]
    public void Weights_beside_the_graph_are_read(string location)
    {
        Save(location);
        using var scope = torch.NewDisposeScope();
        using var teacher = new OnnxTeacherOptions { Path = FilePath }.Open(Tiny.Info, torch.CPU);
        Tiny.Equal("logits", teacher.Forward(Tiny.Batch(), Output.Logits).Logits);
    }

    [Fact] // exported with a batch of four, whose inputs are then said to be of any batch
    public void A_batch_that_is_fixed_inside_is_named()
    {
        Reshaping(4);
        Assert.StartsWith(
            $"{FilePath} runs on 4 examples at a time and not on 1: a batch size is fixed inside it",
            Assert.Throws<InvalidDataException>(
                () => new OnnxTeacherOptions { Path = FilePath }.Open(Tiny.Info, torch.CPU)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_graph_with_a_batch_of_one_inside_is_run_on_one_example_after_another()
    {
        Reshaping(1);
        using var scope = torch.NewDisposeScope();
        using var teacher = new OnnxTeacherOptions { Path = FilePath }.Open(Tiny.Info, torch.CPU);
        Tiny.Equal("logits", teacher.Forward(Tiny.Batch(), Output.Logits).Logits);
    }

    // tiny.onnx with weights elsewhere; links and a pipe lie about
    void Save(string location)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "models", "sub"));
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Tiny.At("tiny.onnx")));
        var tensor = model.Graph.Initializer.First(one => one.RawData.Length > 0);
        foreach (var name in (string[])["outside.bin", "models/beside.bin", "models/sub/beside.bin"])
            File.WriteAllBytes(Path.Combine(_folder, name), tensor.RawData.ToByteArray());
        File.CreateSymbolicLink(Path.Combine(_folder, "models", "link.bin"), "../outside.bin");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "models", "folder"), "sub");
        if (location == "fifo.bin")
            System.Diagnostics.Process.Start("mkfifo", Path.Combine(_folder, "models", location)).WaitForExit();
        tensor.RawData = ByteString.Empty;
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        File.WriteAllBytes(FilePath, model.ToByteArray());
    }

    // tiny.onnx whose images first go through a reshape to [batch, 1, 6, 5]
    void Reshaping(long batch)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "models"));
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Tiny.At("tiny.onnx")));
        foreach (var node in model.Graph.Node)
            for (var i = 0; i < node.Input.Count; i++)
                if (node.Input[i] == "pixels") node.Input[i] = "reshaped";
        var shape = new TensorProto { Name = "shape", DataType = 7 };
        shape.Dims.Add(4);
        shape.Int64Data.AddRange([batch, 1, 6, 5]);
        model.Graph.Initializer.Add(shape);
        var reshape = new NodeProto { OpType = "Reshape" };
        reshape.Input.AddRange(["pixels", "shape"]);
        reshape.Output.Add("reshaped");
        model.Graph.Node.Insert(0, reshape);
        File.WriteAllBytes(FilePath, model.ToByteArray());
    }
}
