using System.Text.Json;
using Retort.Models;
using Retort.Recipes;
using Retort.Runs;
using Retort.Tensors.Files;
using Retort.Tests.Contract;
using Retort.Training;

namespace Retort.Tests.Recipes;

/// <summary>A network's folder whose card says what cannot be.</summary>
public sealed class SavedNetworkTests
{
    // the network is [3] → 2 → 2: 3 · 2 + 2 + 2 · 2 + 2 = 14 numbers, and its file has a little more than 56 bytes
    [Theory]
    [InlineData(
        "\"size\": 3",
        "\"size\": -3",
        "describes a network that cannot be built: A layer's sizes must be at least 1; they are [2, -3].")]
    [InlineData(
        "\"size\": 3",
        "\"size\": 0",
        "describes a network that cannot be built: A layer's sizes must be at least 1; they are [2, 0].")]
    [InlineData(
        "\"size\": 3",
        "\"size\": 2000000000",
        "describes a network that cannot be built: A layer of [2, 2000000000] is larger than all its network may be.")]
    [InlineData(
        "\"size\": 3",
        "\"size\": null",
        "describes a network that cannot be built: mlp takes one float32 input of fixed sizes; the data has features "
        + "float32 [N, features].")]
    [InlineData("\"axes\": [", "\"axes\": null, \"x\": [", "does not describe a network: ")]
    [InlineData(
        "\"inputs\": [",
        "\"inputs\": [{ \"name\": \"x\", \"type\": \"float32\", \"axes\": [] },",
        "describes a network that cannot be built: mlp takes one float32 input of fixed sizes; the data has x float32 "
        + "[N], features float32 [N, 3].")]
    [InlineData(
        "\"inputs\": [",
        "\"inputs\": [], \"x\": [",
        "describes a network that cannot be built: mlp takes one float32 input of fixed sizes; the data has none.")]
    [InlineData(
        "\"hidden\": [\n      2\n    ]",
        "\"hidden\": [2000000000]",
        "describes a network that cannot be built: A layer of [2000000000, 3] is larger than all its network may be.")]
    [InlineData(
        "\"hidden\": [\n      2\n    ]", "\"hidden\": null", "holds no part of a recipe that this version can read.")]
    [InlineData(
        "\"a\",\n      \"b\"",
        "\"a\", null",
        "does not describe a network: a list in it has null where a value must stand.")]
    [InlineData("\"a\",\n      \"b\"", "\"a\", \"\\ud800\"", "does not describe a network: ")]
    [InlineData("\"role\": \"student\"", "\"role\": null", "does not describe a network: ")]
    [InlineData("\"seed\": 1,", "\"seed\": 1, \"seed\": 2,", "does not describe a network: ")]
    [InlineData("\"seed\": 1,", "\"seed\": nul\n\n1,", "does not describe a network: 'nul\\u000a")]
    public void Its_card_is_refused_before_anything_is_made_of_it(string from, string to, string sentence)
    {
        var folder = Made();
        SavedNetwork.Open(folder).Dispose();
        var config = Path.Combine(folder, "config.json");
        var text = File.ReadAllText(config);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(config, text.Replace(from, to, StringComparison.Ordinal));
        var error = Assert.Throws<InvalidDataException>(() => SavedNetwork.Open(folder));
        Assert.StartsWith($"{config} {sentence}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    static string Made()
    {
        using var scope = torch.NewDisposeScope();
        var (folder, options) = (Few.Folder(), new MlpOptions { Hidden = [2] });
        var info = new DatasetInfo { Classes = ["a", "b"], Inputs = [TensorSpec.Float32("features", 3)] };
        using var network = ModuleFactory.Create(() => options.Build(info));
        SafeTensors.Write(Path.Combine(folder, "model.safetensors"), network.state_dict());
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(new NetworkConfig
        {
            Part = "student-seed1",
            Role = "student",
            Network = Recipe.Write<ModelOptions>(options),
            Data = info,
            Method = null,
            Training = null,
            Seed = 1,
            Steps = 1,
            BestStep = 1,
            DataHash = "d", Parameters = 14, Bytes = 56, MultiplyAdds = 10, ActivationBytes = 20,
        }, Json.Indented));
        return folder;
    }
}
