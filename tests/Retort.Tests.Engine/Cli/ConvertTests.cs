using Retort.Report;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Runs;
using Retort.Tensors.Files;
using Retort.Tests.Contract;
using Retort.Tests.House;
using static TorchSharp.torch;

namespace Retort.Tests.Cli;

public sealed class ConvertTests
{
    static readonly string Lenet = Repository.At("tests/Golden/Interop/lenet_half.pth");

    [Fact]
    public async Task A_state_file_becomes_safetensors_with_the_same_names_types_and_bits()
    {
        var to = Path.Combine(Few.Folder(), "lenet.safetensors");
        var (code, output, error) = await ToolTests.Call("convert", Lenet, to);
        Assert.Equal((0, $"{to}: 15 tensors, 61,731 numbers (Float16, Int64)\n", ""), (code, output, error));
        using var scope = NewDisposeScope();
        var (from, read) = (PthFile.Read(Lenet), SafeTensors.ReadAll(to));
        Assert.Equal("pt", read.Metadata["format"]);
        Assert.Equal(from.Keys.Order(), read.Tensors.Keys.Order());
        Assert.All(from, pair => Assert.True(pair.Value.dtype == read.Tensors[pair.Key].dtype && pair.Value.eq(read.Tensors[pair.Key]).all().ToBoolean()));
    }

    [Fact]
    public async Task Of_several_mappings_one_is_named_and_json_says_what_was_written()
    {
        var (from, to) = (Repository.At("tests/Golden/Pth/two.pth"), Path.Combine(Few.Folder(), "w.safetensors"));
        Assert.Equal((1, $"{from} holds 2 mappings of names to tensors, under 'model', 'ema.shadow': say with \"key\" which is meant.\n"),
            ((await ToolTests.Call("convert", from, to)) is var refused ? (refused.Code, refused.Error) : default));
        Assert.False(File.Exists(to));
        var said = JsonNode.Parse((await ToolTests.Call("convert", from, to, "--key", "ema.shadow", "--json")).Output)!;
        Assert.Equal((2, 3, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(to)))), ((int)said["tensors"]!, (long)said["numbers"]!, (string)said["sha256"]!));
    }

    [Fact]
    public async Task A_networks_folder_is_read_and_is_written_only_with_weights_that_fit()
    {
        var run = Experiment.Run(Recipes.TestRuns.Recipe() with { Teacher = null, Method = new Retort.Methods.LabelsOnlyOptions() }, new() { Folder = Recipes.TestRuns.Folder() });
        var (network, copy) = (Path.Combine(run, "networks", "student-seed1"), Directory.CreateDirectory(Path.Combine(run, "copy")).FullName);
        var file = Path.Combine(run, "student.safetensors");
        Assert.Equal(0, (await ToolTests.Call("convert", network, file, "--quiet")).Code);

        File.Copy(Path.Combine(network, "config.json"), Path.Combine(copy, "config.json"));
        var (code, _, error) = await ToolTests.Call("convert", Lenet, copy);
        Assert.Equal(1, code);
        Assert.StartsWith($"{Lenet} does not fit the network: missing: ", error, StringComparison.Ordinal);
        Assert.Equal(0, (await ToolTests.Call("convert", file, copy)).Code);
        using var opened = SavedNetwork.Open(copy);
        Assert.Equal((1, $"{Path.Combine(copy, "model.safetensors")} is there already: choose another name, or remove it first.\n"),
            ((await ToolTests.Call("convert", file, copy)) is var again ? (again.Code, again.Error) : default));
    }

    [Fact] // its graphs would stay those of other weights; and a card that asks for billions of numbers is not built
    public async Task An_exported_student_is_not_written_to_and_a_card_is_built_no_larger_than_the_weights()
    {
        var run = Experiment.Run(Recipes.TestRuns.Recipe() with { Teacher = null, Method = new Retort.Methods.LabelsOnlyOptions() }, new() { Folder = Recipes.TestRuns.Folder() });
        var (network, student) = (Path.Combine(run, "networks", "student-seed1"), Path.Combine(run, "student"));
        Retort.Export.StudentFolder.Write(run, new() { Folder = student });
        File.Delete(Path.Combine(student, "model.safetensors"));
        Assert.Equal((1, $"{student} is an exported student, whose graphs would keep their own weights: write the weights beside the config.json of a run's network, and export that.\n"),
            (await ToolTests.Call("convert", network, student)) is var refused ? (refused.Code, refused.Error) : default);
        Assert.False(File.Exists(Path.Combine(student, "model.safetensors")));

        var large = Directory.CreateDirectory(Path.Combine(run, "large")).FullName;
        var card = Recipes.TestRuns.Json(Path.Combine(network, "config.json"));
        card["network"]!["hidden"] = new JsonArray(2_000_000_000);
        File.WriteAllText(Path.Combine(large, "config.json"), card.ToJsonString());
        var (code, _, error) = await ToolTests.Call("convert", network, large);
        Assert.Equal(1, code);
        Assert.StartsWith($"{Path.Combine(large, "config.json")} describes a network that cannot be built: ", error, StringComparison.Ordinal);
    }

    [Fact] // files of before 2018 have no counters of batches; a network's folder has them
    public async Task Counters_that_an_old_file_lacks_are_written_as_0_where_a_network_has_them()
    {
        var run = Experiment.Run(Recipes.TestRuns.Recipe() with
        {
            Teacher = null, Method = new Retort.Methods.LabelsOnlyOptions(), Student = new Retort.Models.ConvNetOptions { Widths = [2], Norm = Retort.Models.ConvNetNorm.Batch },
        }, new() { Folder = Recipes.TestRuns.Folder() });
        var (network, copy, old) = (Path.Combine(run, "networks", "student-seed1"), Directory.CreateDirectory(Path.Combine(run, "copy")).FullName, Path.Combine(run, "old.safetensors"));
        using (NewDisposeScope())
            SafeTensors.Write(old, SafeTensors.Read(Path.Combine(network, "model.safetensors")).Where(pair => !pair.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal)));
        File.Copy(Path.Combine(network, "config.json"), Path.Combine(copy, "config.json"));
        Assert.Equal((0, ""), (await ToolTests.Call("convert", old, copy)) is var done ? (done.Code, done.Error) : default);
        using var opened = SavedNetwork.Open(copy);
        using var scope = NewDisposeScope();
        Assert.Equal(0L, opened.Network.state_dict().First(pair => pair.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal)).Value.cpu().item<long>());
    }

    [Theory]
    [InlineData("x.pth", "x.pth: PyTorch's state files are read, not written; write x.safetensors, which PyTorch reads with safetensors.torch.load_file.")]
    [InlineData("x.onnx", "x.onnx must end in .safetensors, or be a folder.")]
    public async Task What_cannot_be_written_is_said(string to, string sentence) =>
        Assert.Equal((1, "", sentence + "\n"), await ToolTests.Call("convert", Lenet, to));
}
