using Retort.Report;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Retort.Export;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Runs;
using Retort.Tensors.Files;
using Retort.Tests.Contract;
using Retort.Tests.House;
using Retort.Tests.Recipes;
using static TorchSharp.torch;

namespace Retort.Tests.Cli;

public sealed class ConvertTests
{
    static readonly string Lenet = Repository.At("tests/Golden/Interop/lenet_half.pth");

    [Fact]
    public async Task A_state_dict_becomes_safetensors_with_the_same_names_types_and_bits()
    {
        var to = Path.Combine(Few.Folder(), "lenet.safetensors");
        var (code, output, error) = await ToolTests.Call("convert", Lenet, to);
        Assert.Equal((0, $"{to}: 15 tensors, 61,731 numbers (Float16, Int64)\n", ""), (code, output, error));
        using var scope = NewDisposeScope();
        var (from, read) = (PthFile.Read(Lenet), SafeTensors.ReadAll(to));
        Assert.Equal("pt", read.Metadata["format"]);
        Assert.Equal(from.Keys.Order(), read.Tensors.Keys.Order());
        foreach (var (name, tensor) in from)
        {
            Assert.Equal(tensor.dtype, read.Tensors[name].dtype);
            Assert.True(tensor.eq(read.Tensors[name]).all().ToBoolean());
        }
    }

    [Fact]
    public async Task One_of_several_mappings_is_chosen_and_json_describes_the_result()
    {
        var from = Repository.At("tests/Golden/Pth/two.pth");
        var to = Path.Combine(Few.Folder(), "w.safetensors");
        var refused = await ToolTests.Call("convert", from, to);
        Assert.Equal(1, refused.Code);
        Assert.Equal(
            $"{from} holds 2 mappings of names to tensors, under 'model', 'ema.shadow': "
                + "say with \"key\" which is meant; where there is no such option, save that one alone with "
                + "torch.save.\n",
            refused.Error);
        Assert.False(File.Exists(to));

        var json = JsonNode.Parse((await ToolTests.Call("convert", from, to, "--key", "ema.shadow", "--json")).Output)!;
        Assert.Equal((2, 3), ((int)json["tensors"]!, (long)json["numbers"]!));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(to))), (string)json["sha256"]!);
    }

    [Fact]
    public async Task A_networks_folder_is_read_and_is_written_only_with_weights_that_fit()
    {
        var run = Run(recipe => recipe);
        var network = Path.Combine(run, "networks", "student-seed1");
        var copy = Directory.CreateDirectory(Path.Combine(run, "copy")).FullName;
        var file = Path.Combine(run, "student.safetensors");
        Assert.Equal(0, (await ToolTests.Call("convert", network, file, "--quiet")).Code);

        File.Copy(Path.Combine(network, "config.json"), Path.Combine(copy, "config.json"));
        var (code, _, error) = await ToolTests.Call("convert", Lenet, copy);
        Assert.Equal(1, code);
        Assert.StartsWith($"{Lenet} does not fit the network: missing: ", error, StringComparison.Ordinal);
        Assert.Equal(0, (await ToolTests.Call("convert", file, copy)).Code);
        using var opened = SavedNetwork.Open(copy);
        var again = await ToolTests.Call("convert", file, copy);
        var written = Path.Combine(copy, "model.safetensors");
        Assert.Equal(
            (1, $"{written} is there already: choose another name, or remove it first.\n"), (again.Code, again.Error));
    }

    [Fact] // its ONNX models would keep the old weights
    public async Task An_exported_student_is_not_written_to()
    {
        var run = Run(recipe => recipe);
        var network = Path.Combine(run, "networks", "student-seed1");
        var student = Path.Combine(run, "student");
        StudentFolder.Write(run, new() { Folder = student });
        File.Delete(Path.Combine(student, "model.safetensors"));
        var (code, _, error) = await ToolTests.Call("convert", network, student);
        Assert.Equal(1, code);
        Assert.Equal(
            $"{student} is an exported student, whose graphs would keep their own weights: "
                + "write the weights beside the config.json of a run's network, and export that.\n",
            error);
        Assert.False(File.Exists(Path.Combine(student, "model.safetensors")));
    }

    [Fact] // two billion units are not allocated
    public async Task A_network_is_built_no_larger_than_the_weights()
    {
        var run = Run(recipe => recipe);
        var network = Path.Combine(run, "networks", "student-seed1");
        var large = Directory.CreateDirectory(Path.Combine(run, "large")).FullName;
        var path = Path.Combine(large, "config.json");
        var config = TestRuns.Json(Path.Combine(network, "config.json"));
        config["network"]!["hidden"] = new JsonArray(2_000_000_000);
        File.WriteAllText(path, config.ToJsonString());
        var (code, _, error) = await ToolTests.Call("convert", network, large);
        Assert.Equal(1, code);
        Assert.StartsWith($"{path} describes a network that cannot be built: ", error, StringComparison.Ordinal);
    }

    [Fact] // files from before 2018 have no num_batches_tracked
    public async Task Counters_that_an_old_file_lacks_are_written_as_0_if_the_network_has_them()
    {
        var run = Run(recipe => recipe with
        {
            Student = new ConvNetOptions { Widths = [2], Norm = ConvNetNorm.Batch },
        });
        var network = Path.Combine(run, "networks", "student-seed1");
        var copy = Directory.CreateDirectory(Path.Combine(run, "copy")).FullName;
        var old = Path.Combine(run, "old.safetensors");
        using (NewDisposeScope())
        {
            var tensors = SafeTensors.Read(Path.Combine(network, "model.safetensors"));
            SafeTensors.Write(old, tensors.Where(pair => !IsCounter(pair.Key)));
        }
        File.Copy(Path.Combine(network, "config.json"), Path.Combine(copy, "config.json"));

        var done = await ToolTests.Call("convert", old, copy);
        Assert.Equal((0, ""), (done.Code, done.Error));
        using var opened = SavedNetwork.Open(copy);
        using var scope = NewDisposeScope();
        var counter = opened.Network.state_dict().First(pair => IsCounter(pair.Key)).Value;
        Assert.Equal(0L, counter.cpu().item<long>());

        static bool IsCounter(string name) => name.EndsWith("num_batches_tracked", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "x.pth",
        "x.pth: PyTorch's state files are read, not written; "
            + "write x.safetensors, which PyTorch reads with safetensors.torch.load_file.")]
    [InlineData("x.onnx", "x.onnx must end in .safetensors, or be a folder.")]
    public async Task Other_files_are_not_written(string to, string sentence) =>
        Assert.Equal((1, "", sentence + "\n"), await ToolTests.Call("convert", Lenet, to));

    /// <summary>A run of a student without a teacher.</summary>
    static string Run(Func<Recipe, Recipe> change)
    {
        var recipe = TestRuns.Recipe() with { Teacher = null, Method = new LabelsOnlyOptions() };
        return Experiment.Run(change(recipe), new() { Folder = TestRuns.Folder() });
    }
}
