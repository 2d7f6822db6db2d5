using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Retort.Cli.Grammar;
using Retort.Recipes;

namespace Retort.Cli.Commands;

/// <summary>What a recipe may say, for editors and for people.</summary>
static class Schema
{
    static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Command()
    {
        var markdown = new Option<bool>("--markdown") { Description = "Prints the page of all keys instead." };
        var command = new Verb("schema", "Prints the JSON Schema of recipes, which gives editors completion.", "retort schema > recipe.schema.json") { markdown };
        command.SetAction(result => result.InvocationConfiguration.Output.Write(result.GetValue(markdown) ? RecipePage.Make() : Text()));
        return command;
    }

    /// <summary>The schema as it is printed.</summary>
    public static string Text() => RecipeSchema.Make().ToJsonString(Pretty) + "\n";
}
