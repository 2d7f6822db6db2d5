using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Cli.Display;
using Retort.Recipes;
using Retort.Runs;
using Retort.Studies.Fidelity;

namespace Retort.Tests.House;

/// <summary>What is written down about the catalogue: pages, recipes, the schema, the list of papers.</summary>
public sealed class PageTests
{
    public static TheoryData<string> Recipes => [.. Repository.Recipes];

    // the control has no page
    public static TheoryData<string> Methods => [.. Registry.Methods.Keys.Where(key => key != "labels")];

    [Theory, MemberData(nameof(Methods))]
    public void A_method_has_a_page_and_a_recipe(string method)
    {
        Assert.True(File.Exists(Repository.At($"docs/methods/{method}.md")), $"docs/methods/{method}.md is missing.");
        Assert.Contains(
            Repository.Recipes, file => Recipe.Read(Repository.At(file)).Method.GetType() == Registry.Methods[method]);
    }

    [Theory, MemberData(nameof(Recipes))]
    public void A_recipe_is_read_and_fits_the_schema(string file)
    {
        Assert.Equal(Path.GetFileNameWithoutExtension(file), Recipe.Read(Repository.At(file)).Name);
        var tree = JsonNode.Parse(File.ReadAllText(Repository.At(file)), documentOptions: new()
        {
            CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true,
        });
        Assert.Empty(new SchemaCheck(RecipeSchema.Make()).Refusals(tree));
    }

    [Theory] // the checker above must be able to refuse
    [InlineData(
        """{ "data": { "name": "toy" }, "student": { "name": "mlp" }, "method": { "name": "kd", "temprature": 4 } }""")]
    [InlineData("""
        { "data": { "name": "toy" }, "student": { "name": "mlp" }, "method": { "name": "kd", "temperature": 0 } }
        """)]
    [InlineData(
        """{ "data": { "name": "toy" }, "student": { "name": "mlp", "hidden": [0] }, "method": { "name": "kd" } }""")]
    [InlineData(
        """{ "data": { "name": "toy" }, "student": { "name": "mlp", "hidden": [] }, "method": { "name": "kd" } }""")]
    [InlineData("""{ "data": { "name": "toy" }, "student": { "name": "mlq" }, "method": { "name": "kd" } }""")]
    [InlineData("""
        {
          "data": { "name": "toy" }, "student": { "name": "mlp" }, "method": { "name": "kd" },
          "training": { "optimizer": { "name": "adam", "beta1": 1 } }
        }
        """)]
    [InlineData("""{ "data": { "name": "toy" }, "method": { "name": "kd" } }""")]
    [InlineData(
        """{ "data": { "name": "toy" }, "student": { "name": "mlp" }, "method": { "name": "kd" }, "seeds": 1.5 }""")]
    [InlineData("""
        { "data": { "name": "toy" }, "student": { "name": "mlp" }, "method": { "name": "kd" }, "training": null }
        """)]
    public void What_the_reader_refuses_the_schema_refuses_too(string recipe)
    {
        Assert.Throws<InvalidDataException>(() => Recipe.Parse(recipe, "r.json"));
        Assert.NotEmpty(new SchemaCheck(RecipeSchema.Make()).Refusals(JsonNode.Parse(recipe)));
    }

    [Fact]
    public void The_list_of_papers_is_fresh() =>
        Fresh("PAPERS.md", MethodTable.Markdown(Repository.Root), "./retort methods --markdown");

    [Fact]
    public void The_page_of_keys_is_fresh() =>
        Fresh("docs/recipe-keys.md", RecipePage.Make(), "./retort schema --markdown");

    [Fact]
    public void The_schema_beside_the_pages_is_fresh() =>
        Fresh("docs/recipe.schema.json", Retort.Cli.Commands.Schema.Text(), "./retort schema");

    [Fact]
    public void The_schema_of_studies_is_fresh() =>
        Fresh("docs/fidelity.schema.json", Retort.Cli.Commands.Schema.Study(), "./retort schema --study");

    [Fact]
    public void A_measure_has_a_page_and_its_file() =>
        Assert.All(MethodTable.All().Where(line => MethodTable.Measures.ContainsKey(line.Key)), line =>
            Assert.True(File.Exists(Repository.At(line.Page)) && File.Exists(Repository.At(line.File)), line.Key));

    public static TheoryData<string> Studies => [.. Repository.Studies];

    [Theory, MemberData(nameof(Studies))]
    public void A_study_fits_its_schema(string file)
    {
        var schema = RecipeSchema.Make(typeof(Retort.Studies.Fidelity.FidelityRecipe), "study");
        var tree = JsonNode.Parse(
            File.ReadAllText(Repository.At(file)),
            documentOptions: new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        Assert.Empty(new SchemaCheck(schema).Refusals(tree));
        tree!["seeds"] = "five";
        Assert.NotEmpty(new SchemaCheck(schema).Refusals(tree));
    }

    static void Fresh(string file, string text, string command)
    {
        Assert.True(File.Exists(Repository.At(file)), $"{file} is missing: {command} > {file}");
        Assert.True(text == File.ReadAllText(Repository.At(file)), $"{file} is stale: {command} > {file}");
    }
}
