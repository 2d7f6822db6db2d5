using System.CommandLine;
using System.Text;
using System.Text.Json;
using Retort.Cli.Grammar;
using Retort.Recipes;
using Retort.Runs;

namespace Retort.Cli.Commands;

/// <summary>A recipe to start from.</summary>
static class New
{
    public static Command Command()
    {
        var name = new Argument<string>("NAME") { Description = "The new recipe's file; .json is added where it is missing." };
        var data = Named("--data", "The kind of data.", "idx", () => Registry.Data.Keys);
        var teacher = Named("--teacher", "The network that teaches.", "convnet", () => Registry.Models.Keys);
        var student = Named("--student", "The network that learns.", "lenet", () => Registry.Models.Keys);
        var method = Named("--method", "The method.", "kd", () => Registry.Methods.Keys);
        var json = CommonOptions.Json();
        var command = new CommandWithExamples("new", "Writes a recipe to start from: every key with a comment.", "retort new mine --student mlp --method kd")
        {
            name, data, teacher, student, method, json,
        };
        command.SetAction((result, token) => WriteAsync(result.GetRequiredValue(name), new RecipeTemplate(
            result.GetRequiredValue(data), result.GetRequiredValue(teacher), result.GetRequiredValue(student), result.GetRequiredValue(method)),
            result.GetValue(json), result.InvocationConfiguration.Output, token));
        return command;
    }

    static Option<string> Named(string option, string description, string usual, Func<IEnumerable<string>> names)
    {
        var made = new Option<string>(option) { Description = description, HelpName = "name", DefaultValueFactory = _ => usual };
        made.CompletionSources.Add(_ => names());
        return made;
    }

    static async Task<int> WriteAsync(string name, RecipeTemplate draft, bool json, TextWriter output, CancellationToken token)
    {
        var path = name.EndsWith(".json", StringComparison.Ordinal) ? name : $"{name}.json";
        var text = draft.Make();
        if (Path.Exists(path)) throw new InvalidOperationException($"{path} is there already: choose another name, or remove it first.");
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
        var part = path + ".new";
        await File.WriteAllTextAsync(part, text, new UTF8Encoding(false), token);
        File.Move(part, path, overwrite: false);
        if (json) await output.WriteLineAsync(JsonSerializer.Serialize(new { path }));
        else await output.WriteLineAsync(Tool.AsCalled($"{path} is written: `retort run {path}` carries it out."));
        return 0;
    }
}
