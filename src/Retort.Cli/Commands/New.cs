using System.CommandLine;
using System.Text;
using System.Text.Json;
using Retort.Cli.Grammar;
using Retort.Recipes;

namespace Retort.Cli.Commands;

/// <summary><c>retort new</c>: writes a recipe to start from.</summary>
static class New
{
    public static Command Command()
    {
        var name = new Argument<string>("NAME")
        {
            Description = "The file of the new recipe; .json is added if it is missing.",
        };
        var data = Name("--data", "The format of the dataset.", "idx", () => Registry.Data.Keys);
        var teacher = Name("--teacher", "The teacher network.", "convnet", () => Registry.Models.Keys);
        var student = Name("--student", "The student network.", "lenet", () => Registry.Models.Keys);
        var method = Name("--method", "The distillation method.", "kd", () => Registry.Methods.Keys);
        var json = SharedOptions.Json();
        var command = new CommandWithExamples(
            "new",
            "Writes a recipe to start from, with a comment for every key.",
            "retort new mine --student mlp --method kd")
        {
            name, data, teacher, student, method, json,
        };
        command.SetAction((result, token) =>
        {
            var template = new RecipeTemplate(
                result.GetRequiredValue(data),
                result.GetRequiredValue(teacher),
                result.GetRequiredValue(student),
                result.GetRequiredValue(method));
            var output = result.InvocationConfiguration.Output;
            return WriteAsync(result.GetRequiredValue(name), template, result.GetValue(json), output, token);
        });
        return command;
    }

    static Option<string> Name(string name, string description, string value, Func<IEnumerable<string>> names)
    {
        var option = new Option<string>(name)
        {
            Description = description, HelpName = "name", DefaultValueFactory = _ => value,
        };
        option.CompletionSources.Add(_ => names());
        return option;
    }

    static async Task<int> WriteAsync(
        string name, RecipeTemplate template, bool json, TextWriter output, CancellationToken token)
    {
        var path = name.EndsWith(".json", StringComparison.Ordinal) ? name : $"{name}.json";
        var text = template.Make();
        if (Path.Exists(path))
            throw new InvalidOperationException($"{path} exists already: choose another name, or remove it first.");

        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
        var draft = path + ".new";
        await File.WriteAllTextAsync(draft, text, new UTF8Encoding(false), token);
        File.Move(draft, path, overwrite: false);
        await output.WriteLineAsync(json
            ? JsonSerializer.Serialize(new { path })
            : ShellText.WithToolName($"{path} was written; `retort run {path}` runs it."));
        return 0;
    }
}
