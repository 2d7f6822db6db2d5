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
        var data = Name("--data", "The format of the dataset; idx by default.", () => Registry.Data.Keys);
        var teacher = Name(
            "--teacher", "The teacher network; convnet by default, of a table mlp.", () => Registry.Models.Keys);
        var student = Name(
            "--student", "The student network; lenet by default, of a table mlp.", () => Registry.Models.Keys);
        var method = Name("--method", "The distillation method; kd by default.", () => Registry.Methods.Keys);
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
            var format = result.GetValue(data) ?? "idx";
            var isTable = format is "csv" or "tsv";
            var template = new RecipeTemplate(
                format,
                result.GetValue(teacher) ?? (isTable ? "mlp" : "convnet"),
                result.GetValue(student) ?? (isTable ? "mlp" : "lenet"),
                result.GetValue(method) ?? "kd");
            var output = result.InvocationConfiguration.Output;
            return WriteAsync(result.GetRequiredValue(name), template, result.GetValue(json), output, token);
        });
        return command;
    }

    static Option<string?> Name(string name, string description, Func<IEnumerable<string>> names)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "name" };
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
            : ShellText.WithToolName($"{path} was written; "
                + (text.Contains(RecipeTemplate.FillIn, StringComparison.Ordinal)
                    ? $"fill in what says {RecipeTemplate.FillIn}, then " : "") + $"`retort run {path}` runs it."));
        return 0;
    }
}
