using System.Text.Json.Nodes;
using Retort.Data;
using Retort.Recipes;
using Retort.Teachers;

namespace Retort.Tests.Recipes;

/// <summary>A normalization that a recipe names instead of giving its numbers.</summary>
public sealed class NormalizationNameTests
{
    const string ImageNet =
        """{ "scale": 255, "mean": [0.485, 0.456, 0.406], "standardDeviation": [0.229, 0.224, 0.225] }""";

    [Fact]
    public void Its_name_is_the_same_recipe_as_its_numbers_of_data_and_of_teachers()
    {
        var named = Parse("\"imagenet\"");
        Assert.Equal(Normalization.Named["imagenet"], ((NumericDataOptions)named.Source).Normalization);
        Assert.Equal(Normalization.Named["imagenet"], ((PretrainedTeacherOptions)named.Teacher!).Normalization);
        Assert.Equal(Parse(ImageNet).ToJson(), named.ToJson());
        Assert.Equal(Parse(ImageNet).Hash, named.Hash);
        Assert.Equal(named.Hash, Parse("null", "data.normalization=imagenet", "teacher.normalization=imagenet").Hash);
    }

    [Theory]
    [InlineData("\"cifar\"", "it is \"cifar\".")]
    [InlineData("255", "it is 255.")]
    public void A_name_that_is_not_known_is_refused(string normalization, string came) => Assert.Equal(
        $"r.json, line 1: data.normalization must be an object, or one of \"imagenet\"; {came}",
        Assert.Throws<InvalidDataException>(() => Parse(normalization)).Message);

    [Fact]
    public void The_schema_takes_the_name_too()
    {
        var schemas = new List<JsonObject>();
        Collect(RecipeSchema.Make());
        Assert.NotEmpty(schemas);
        Assert.All(schemas, schema => Assert.Equal(
            ("""["object","null","string"]""", "^(imagenet)$"),
            (schema["type"]!.ToJsonString(), (string?)schema["pattern"])));

        void Collect(JsonNode? node)
        {
            if (node is JsonObject table && table["properties"] is JsonObject keys && keys.ContainsKey("mean")
                && table.ContainsKey("type"))
                schemas.Add(table);
            foreach (var inner in node is JsonObject own ? own.Select(pair => pair.Value) : node as JsonArray ?? [])
                Collect(inner);
        }
    }

    static Recipe Parse(string normalization, params string[] settings) => Recipe.Parse(
        $$"""{ "data": { "name": "image-folder", "path": "images", "normalization": {{normalization}} }, """
        + $$""" "teacher": { "name": "onnx", "path": "a.onnx", "normalization": {{normalization}} }, """
        + """ "student": { "name": "mlp" }, "method": { "name": "kd" } }""", "r.json", settings);
}
