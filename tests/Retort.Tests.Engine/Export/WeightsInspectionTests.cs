using Retort.Export;
using Retort.Tensors.Files;
using Retort.Tests.Contract;

namespace Retort.Tests.Export;

/// <summary>Files of weights alone, looked into.</summary>
public sealed class WeightsInspectionTests
{
    [Fact]
    public void Weights_alone_are_listed_without_costs()
    {
        using var scope = torch.NewDisposeScope();
        var path = Path.Combine(Few.Folder(), "weights");
        SafeTensors.Write(path, new Dictionary<string, Tensor>
        {
            ["bn.running_mean"] = torch.zeros(3),
            ["bn.weight"] = torch.zeros(3),
            ["fc.weight"] = torch.zeros(2, 3),
        });
        var found = Inspection.Of(path);
        Assert.Equal(
            ("weights", 9L, (long?)null, (long?)null),
            (found.Kind, found.Parameters, found.MultiplyAdds, found.ActivationBytes));
        Assert.Equal(
            ["bn.running_mean float32 [3] 0 0", "bn.weight float32 [3] 3 0", "fc.weight float32 [2, 3] 6 0"],
            found.Layers.Select(InspectionTests.Line));
    }

    [Theory] // LeNet's 61,706 and the scale and shift of a norm of 6 channels
    [InlineData("lenet.pth", "float32")]
    [InlineData("lenet_legacy.pth", "float32")]
    [InlineData("lenet_half.pth", "float16")]
    public void State_files_of_PyTorch_are_listed_too(string file, string type)
    {
        var found = Inspection.Of(House.Repository.At($"tests/Golden/Interop/{file}"));
        Assert.Equal(("weights", 61_706L + 12), (found.Kind, found.Parameters));
        Assert.Equal(type, found.Layers.Single(layer => layer.Name == "fc1.weight").Operator);
    }

    [Fact]
    public void A_file_written_by_PyTorch_is_counted_too()
    {
        var folder = Path.Combine(CacheFolders.Data, "interop");
        Assert.SkipUnless(
            Directory.Exists(folder), $"{folder} is not there; RETORT_DATA can name the folder that has interop.");
        foreach (var name in new[] { "lenet_opset17.onnx", "lenet_dynamo.onnx" })
        {
            var found = Inspection.Of(Path.Combine(folder, name));
            // its norm is folded: conv1 has 6 · 25 + 6
            Assert.Equal((61_706L, 416_520L), (found.Parameters, found.MultiplyAdds!.Value));
        }
        // and its scale and shift of 6 channels
        Assert.Equal(61_706 + 12, Inspection.Of(Path.Combine(folder, "lenet.safetensors")).Parameters);
    }

    [Fact]
    public async Task Of_several_mappings_one_is_named_and_a_program_is_distinguished_from_weights()
    {
        static string At(string file) => House.Repository.At($"tests/Golden/Pth/{file}");
        Assert.Contains(
            "holds 2 mappings of names to tensors",
            (await Cli.ToolTests.Call("inspect", At("two.pth"))).Error,
            StringComparison.Ordinal);
        Assert.Contains(
            "\n3 parameters",
            (await Cli.ToolTests.Call("inspect", At("two.pth"), "--key", "ema.shadow")).Output,
            StringComparison.Ordinal);
        Assert.StartsWith(
            $"{At("script.pth")} is a TorchScript program, not a file of weights: those are safetensors and what "
            + "torch.save writes",
            (await Cli.ToolTests.Call("inspect", At("script.pth"))).Error,
            StringComparison.Ordinal);
        var graph = OnnxComparison.File(InspectionTests.Model("""{ "name": "mlp" }""", [1, 4, 4], 3));
        Assert.Equal(
            $"{graph} is no file of weights, so there is no mapping 'a' to choose in it.\n",
            (await Cli.ToolTests.Call("inspect", graph, "--key", "a")).Error);
    }
}
