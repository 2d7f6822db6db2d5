using System.Text.Json.Nodes;
using Retort.Data;
using Retort.Data.Augmentation;
using Retort.Recipes;

namespace Retort.Tests.Data;

public sealed class DataRecipeTests
{
    [Theory]
    [InlineData("""
        {
            "name": "idx", "path": "/d", "validation": 0.2, "splitSeed": 3,
            "labelledExamples": 100, "maxExamples": 500, "memoryLimit": 50
        }
        """)]
    [InlineData("""
        {
            "name": "cifar", "path": "/d",
            "augmentation": [
                { "name": "flip" },
                { "name": "crop", "pad": 2 },
                { "name": "noise", "standardDeviation": 0.2 },
                { "name": "cutout", "size": 6 },
                { "name": "mixup", "alpha": 0.4 }
            ]
        }
        """)]
    [InlineData("""
        { "name": "image-folder", "path": "/d", "size": 32, "channels": 1, "maxPixels": 90000000, "test": 100 }
        """)]
    [InlineData("""
        {
            "name": "csv", "path": "/d/t.csv", "testPath": "/d/u.csv", "label": "digit",
            "pixels": { "height": 8, "width": 8, "scale": 16 }
        }
        """)]
    [InlineData("""
        {
            "name": "tsv", "path": "/d/t.tsv", "label": "1",
            "normalization": { "scale": 1, "mean": [0], "standardDeviation": [2] }
        }
        """)]
    public void A_reader_and_its_options_survive_json(string json)
    {
        var written = Read(json).ToJson();
        var data = JsonNode.Parse(written)!["data"]!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(json)!.AsObject())
            if (value is JsonValue) Assert.True(JsonNode.DeepEquals(value, data[key]), $"{key}: {data[key]}");
            else Assert.NotNull(data[key]);
        var file = Path.Combine(Contract.Few.Folder(), "recipe.json");
        File.WriteAllText(file, written);
        Assert.Equal(written, Recipe.Read(file).ToJson());
    }

    [Fact]
    public void An_augmentation_is_read_by_its_name()
    {
        var data = (CifarOptions)Read("""
            { "name": "cifar", "path": "/d", "augmentation": [{ "name": "crop", "pad": 2 }, { "name": "mixup" }] }
            """).Source;
        Assert.Equal([new CropOptions { Pad = 2 }, new MixupOptions { Alpha = 1 }], data.Augmentation);
    }

    [Theory]
    [InlineData(
        """{ "name": "idx", "path": "/d", "labelledExamples": 0 }""",
        "LabelledExamples must be at least 1; it is 0.")]
    [InlineData(
        """{ "name": "idx", "path": "/d", "validation": -0.1 }""",
        "Validation must be a share above 0 and below 1, or a whole number of examples; it is -0.1.")]
    [InlineData(
        """{ "name": "idx", "path": "/d", "test": 0 }""",
        "Test must be a share above 0 and below 1, or a whole number of examples; it is 0.")]
    [InlineData(
        """{ "name": "csv", "path": "" }""",
        "Path must be the path of a file or folder; it is empty.")]
    [InlineData(
        """{ "name": "csv", "path": "t.csv", "testPath": "t\u0000.csv" }""",
        "TestPath must be the path of a file or folder; it has a NUL character.")]
    [InlineData(
        """{ "name": "csv", "path": "t.csv", "label": "kind", "labelColumns": ["a"] }""",
        "Label must be left out beside labelColumns, which name the targets; it is")]
    [InlineData(
        """{ "name": "image-folder", "path": "/d", "channels": 2 }""",
        "Channels must be 1 or 3; it is 2.")]
    [InlineData(
        """{ "name": "csv", "path": "/d", "pixels": { "height": 8, "width": 8, "scale": 300 } }""",
        "Scale must be from 1 to 255; it is 300.")]
    [InlineData(
        """{ "name": "cifar", "path": "/d", "augmentation": [{ "name": "flip", "probability": 2 }] }""",
        "Probability must be between 0 and 1; it is 2.")]
    public void A_value_out_of_range_is_refused_when_the_recipe_is_read(string json, string why)
    {
        var error = Assert.Throws<InvalidDataException>(() => Read(json));
        Assert.Contains(why, error.Message, StringComparison.OrdinalIgnoreCase);
    }

    static Recipe Read(string data)
    {
        var file = Path.Combine(Contract.Few.Folder(), "recipe.json");
        File.WriteAllText(
            file, $$"""{ "data": {{data}}, "student": { "name": "mlp" }, "method": { "name": "kd" } }""");
        return Recipe.Read(file);
    }
}
