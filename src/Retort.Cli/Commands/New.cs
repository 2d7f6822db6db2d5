using System.CommandLine;
using System.Text.Json;
using Retort.Cli.Grammar;
using Retort.Recipes;
using Retort.Tensors.Files;

namespace Retort.Cli.Commands;

/// <summary><c>retort new</c>: writes a recipe to start from.</summary>
static class New
{
    const string SchemaName = "retort.schema.json";                        // beside the recipe, for editors

    public static Command Command()
    {
        var name = new Argument<string>("NAME")
        {
            Description = "The file of the new recipe; .json is added if it is missing.",
        };
        var source = new Argument<string?>("DATA")
        {
            Description = "The data: a folder of images by class, a table, …; the recipe fits it and is short.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var all = new Option<bool>("--all")
        {
            Description = "With DATA: every key with its default and a comment, as without DATA.",
        };
        var data = Name("--data", "The format of the dataset; idx by default.", () => Registry.Data.Keys);
        var teacher = Name(
            "--teacher", "The teacher network; convnet by default, of a table mlp.", () => Registry.Models.Keys);
        var student = Name(
            "--student", "The student network; lenet by default, of a table mlp.", () => Registry.Models.Keys);
        var method = Name("--method", "The distillation method; kd by default.", () => Registry.Methods.Keys);
        var label = SharedOptions.Text(
            "--label", "column", "With DATA, a table: the column of labels, by name or position; by default the last.");
        var json = SharedOptions.Json();
        var command = new CommandWithExamples(
            "new",
            "Writes a recipe to start from: a short one for data that is there, or one with a comment for every key.",
            "retort new photos pictures/",
            "retort new mine --student mlp --method kd")
        {
            name, source, all, label, data, teacher, student, method, json,
        };
        command.SetAction(result =>
        {
            var path = PathOf(result.GetRequiredValue(name));
            var output = result.InvocationConfiguration.Output;
            var there = result.GetValue(source);
            if (there is not null && !result.GetValue(all))
            {
                WriteFor(there, path, result.GetValue(label));
                var schema = $", and {SchemaName} beside it, with which editors complete its keys";
                return WriteEndAsync(path, schema, isComplete: true, result.GetValue(json), output);
            }
            var format = result.GetValue(data) ?? (there is null ? "idx" : RecipeSuggestion.FormatOf(there));
            var isTable = format is "csv" or "tsv";
            var template = new RecipeTemplate(
                format,
                result.GetValue(teacher) ?? (isTable ? "mlp" : "convnet"),
                result.GetValue(student) ?? (isTable ? "mlp" : "lenet"),
                result.GetValue(method) ?? "kd")
            {
                DataPath = there is null ? null
                    : RecipeSuggestion.PathFrom(Path.GetDirectoryName(Path.GetFullPath(path))!, there),
            };
            var text = template.Make();
            Write(path, text);
            var isComplete = !text.Contains(RecipeTemplate.FillIn, StringComparison.Ordinal);
            return WriteEndAsync(path, "", isComplete, result.GetValue(json), output);
        });
        return command;
    }

    /// <summary>
    /// Writes a recipe for data, and the schema beside it, and returns its path: for <c>run</c> with data in place of a
    /// recipe.
    /// </summary>
    public static string WriteFor(string data)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(data));
        var name = Path.GetFileName(full).Split('.')[0];
        var path = PathOf(name.Length > 0 ? name : "recipe");
        WriteFor(data, path, label: null);
        return path;
    }

    static void WriteFor(string data, string path, string? label)
    {
        Write(path, RecipeSuggestion.For(data, path, label, SchemaName));
        AtomicFile.Write(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, SchemaName), Schema.Text());
    }

    static string PathOf(string name) => name.EndsWith(".json", StringComparison.Ordinal) ? name : $"{name}.json";

    static Option<string?> Name(string name, string description, Func<IEnumerable<string>> names)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "name" };
        option.CompletionSources.Add(_ => names());
        return option;
    }

    static void Write(string path, string text)
    {
        if (Path.Exists(path))
            throw new InvalidOperationException($"{path} exists already: choose another name, or remove it first.");

        AtomicFile.Write(path, text);
    }

    static async Task<int> WriteEndAsync(string path, string schema, bool isComplete, bool json, TextWriter output)
    {
        await output.WriteLineAsync(json
            ? JsonSerializer.Serialize(new { path })
            : ShellText.WithToolName($"{path} was written{schema}; "
                + (isComplete ? "" : $"fill in what says {RecipeTemplate.FillIn}, then ")
                + $"`retort run {path}` runs it."));
        return 0;
    }
}
