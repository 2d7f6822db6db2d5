using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Recipes;
using Retort.Runs;
using Retort.Training;

namespace Retort.Cli.Commands;

/// <summary>A teacher's answers asked for and kept before a run, by one writer or by several.</summary>
static class Cache
{
    public static Command Command()
    {
        var recipe = new Argument<string>("RECIPE") { Description = "The recipe's file; its teacher is a cached one." };
        var shard = new Option<(int, int)?>("--shard")
        {
            Description = "The share of this writer: i/n writes every n-th shard, beginning with the i-th.", HelpName = "i/n", CustomParser = Share,
        };
        var output = new Option<string?>("--out") { Description = "The folder of the run that will use it; runs/ and the recipe's name where it is left out.", HelpName = "folder" };
        var device = CommonOptions.Word("--device", "Where the teacher is asked; cpu where it is left out.", "cpu", "cuda");
        var settings = CommonOptions.Settings();
        var json = CommonOptions.Json();
        var quiet = CommonOptions.Quiet();
        var command = new CommandWithExamples("cache", "Asks a recipe's teacher about every training example and keeps the answers.",
            "retort cache recipes/mine.json", "retort cache recipes/mine.json --set teacher.path=/mnt/shared/answers --shard 2/4")
        {
            recipe, shard, output, device, settings, json, quiet,
        };
        command.SetAction((result, token) =>
        {
            var read = Recipe.Read(result.GetRequiredValue(recipe), result.GetRequiredValue(settings));
            var command = Command(result.GetRequiredValue(recipe), result.GetRequiredValue(settings), result.GetValue(device));
            var options = new RunOptions { Folder = result.GetValue(output), Device = result.GetValue(device) ?? "cpu", Command = command };
            var filled = ProgressDisplay.Tell(result.InvocationConfiguration.Error, result.GetValue(quiet),
                progress => RecipeRunner.Cache(read, options, result.GetValue(shard) ?? (1, 1), progress, token), token);
            if (result.GetValue(json)) result.InvocationConfiguration.Output.WriteLine(JsonSerializer.Serialize(filled, Json.Indented));
            else if (!result.GetValue(quiet)) result.InvocationConfiguration.Output.WriteLine(Tool.AsCalled(Ending(filled, command, result.GetValue(output), read)));
            return Task.FromResult(0);
        });
        return command;
    }

    // what runs this recipe with these settings, less --out and --resume
    static string Command(string recipe, IReadOnlyList<string> settings, string? device) =>
        ShellText.Line(["retort", "run", recipe, .. ShellText.Settings(settings), .. device is null or "cpu" ? (string[])[] : ["--device", device]]);

    static string Ending(FilledCache filled, string command, string? run, Recipe recipe) => filled.IsWhole
        ? FormattableString.Invariant($"{filled.Folder} is complete: `{command}{(run is null ? "" : " " + ShellText.Line(["--out", run]))}{(HoldsRun(run, recipe) ? " --resume" : "")}` uses it.")
        : FormattableString.Invariant($"{filled.Folder} has {filled.Manifest.Shards} {(filled.Manifest.Shards == 1 ? "shard" : "shards")} now; the other writers' files belong in the same folder.");

    // where the teacher was trained here, the run is begun
    static bool HoldsRun(string? run, Recipe recipe) => RunFolder.InfoIn(run ?? Path.Combine("runs", recipe.Name)) is not null;

    static (int, int)? Share(ArgumentResult result)
    {
        var text = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
        if (text.Split('/') is [var i, var n] && Whole(i) is { } writer && Whole(n) is { } writers && writer >= 1 && writer <= writers) return (writer, writers);
        result.AddError($"--shard must be i/n with i from 1 to n, as in 2/4; it is \"{text}\".");
        return null;
    }

    static int? Whole(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
