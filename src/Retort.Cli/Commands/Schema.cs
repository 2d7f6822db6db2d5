using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Retort.Cli.Grammar;
using Retort.Recipes;
using Retort.Runs;
using Retort.Studies.Fidelity;

namespace Retort.Cli.Commands;

/// <summary>What a recipe may say, for editors and for people.</summary>
static class Schema
{
    static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Command()
    {
        var markdown = new Option<bool>("--markdown") { Description = "Prints the page of all keys instead." };
        var study = new Option<bool>("--study") { Description = "Prints the schema of a fidelity study's file instead." };
        var command = new CommandWithExamples("schema", "Prints the JSON Schema of recipes, which gives editors completion.", "retort schema > recipe.schema.json") { markdown, study };
        command.SetAction(result => result.InvocationConfiguration.Output.Write(result.GetValue(markdown) ? RecipePage.Make() : result.GetValue(study) ? Study() : Text()));
        return command;
    }

    /// <summary>The schema as it is printed.</summary>
    public static string Text() => RecipeSchema.Make().ToJsonString(Pretty) + "\n";

    /// <summary>That of a study, likewise.</summary>
    public static string Study() => RecipeSchema.Make(typeof(FidelityRecipe), "A fidelity study of Retort").ToJsonString(Pretty) + "\n";
}
