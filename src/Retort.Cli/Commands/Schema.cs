using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Retort.Cli.Grammar;
using Retort.Recipes;
using Retort.Studies.Fidelity;

namespace Retort.Cli.Commands;

/// <summary><c>retort schema</c>: the keys of recipes, for editors and for people.</summary>
static class Schema
{
    static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Command Command()
    {
        var markdown = new Option<bool>("--markdown") { Description = "Prints a page with all keys instead." };
        var study = new Option<bool>("--study") { Description = "Prints the JSON Schema of fidelity studies instead." };
        var command = new CommandWithExamples(
            "schema",
            "Prints the JSON Schema of recipes, with which editors complete keys.",
            "retort schema > recipe.schema.json")
        {
            markdown, study,
        };
        command.SetAction(result => result.InvocationConfiguration.Output.Write(
            result.GetValue(markdown) ? RecipePage.Make() : result.GetValue(study) ? Study() : Text()));
        return command;
    }

    /// <summary>The JSON Schema of recipes.</summary>
    public static string Text() => RecipeSchema.Make().ToJsonString(Indented) + "\n";

    /// <summary>The JSON Schema of fidelity studies.</summary>
    public static string Study() =>
        RecipeSchema.Make(typeof(FidelityRecipe), "A fidelity study of Retort").ToJsonString(Indented) + "\n";
}
