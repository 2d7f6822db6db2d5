using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Recipes;
using Retort.Runs;
using static System.FormattableString;

namespace Retort.Cli.Commands;

/// <summary><c>retort cache</c>: stores a teacher's outputs before a run, from one process or several.</summary>
static class Cache
{
    public static Command Command()
    {
        var recipe = new Argument<string>("RECIPE") { Description = "The recipe's file, with a cached teacher." };
        var shard = new Option<(int, int)?>("--shard")
        {
            Description = "Writes every n-th shard, beginning with the i-th, for the i-th of n processes.",
            HelpName = "i/n",
            CustomParser = ParseShard,
        };
        var output = SharedOptions.Out(
            "The folder of the run that uses the cache; by default runs/ and the recipe's name.");
        var device = SharedOptions.Device("The device that runs the teacher; cpu by default.");
        var settings = SharedOptions.Settings();
        var json = SharedOptions.Json();
        var quiet = SharedOptions.Quiet();
        var command = new CommandWithExamples(
            "cache",
            "Stores the outputs of a recipe's teacher for every training example.",
            "retort cache recipes/mine.json",
            "retort cache recipes/mine.json --set teacher.path=/mnt/shared/cache --shard 2/4")
        {
            recipe, shard, output, device, settings, json, quiet,
        };
        command.SetAction((result, token) =>
        {
            var (path, changes) = (result.GetRequiredValue(recipe), result.GetRequiredValue(settings));
            var read = Recipe.Read(path, changes);
            var run = RunCommandLine(path, changes, result.GetValue(device));
            var options = new RunOptions
            {
                Folder = result.GetValue(output), Device = result.GetValue(device) ?? "cpu", Command = run,
                Extensions = Extensions.Hashes,
            };
            var io = result.InvocationConfiguration;
            var filled = ProgressDisplay.Run(
                io.Error,
                result.GetValue(quiet),
                progress => RecipeRunner.Cache(read, options, result.GetValue(shard) ?? (1, 1), progress, token),
                token);
            if (result.GetValue(json))
                io.Output.WriteLine(JsonSerializer.Serialize(filled, Json.Indented));
            else if (!result.GetValue(quiet))
                io.Output.WriteLine(ShellText.WithToolName(Summary(filled, run, result.GetValue(output), read)));
            return Task.FromResult(0);
        });
        return command;
    }

    /// <summary>The command that runs this recipe with these settings, without --out and --resume.</summary>
    static string RunCommandLine(string recipe, IReadOnlyList<string> settings, string? device)
    {
        List<string> words = ["retort", "run", recipe, .. ShellText.SetOptions(settings), .. Extensions.Arguments];
        if (device is not (null or "cpu")) words.AddRange("--device", device);
        return ShellText.Line(words);
    }

    static string Summary(FilledCache filled, string command, string? run, Recipe recipe)
    {
        if (!filled.IsWhole)
        {
            var shards = filled.Manifest.Shards == 1 ? "shard" : "shards";
            return Invariant($"{filled.Folder} has {filled.Manifest.Shards} {shards} now; ")
                + "copy the files of the other processes into the same folder.";
        }

        if (run is not null) command += " " + ShellText.Line(["--out", run]);
        if (HasRun(run, recipe)) command += " --resume";
        return $"{filled.Folder} is complete; `{command}` uses it.";
    }

    /// <summary>Whether the run has begun, which is so if its teacher was trained for the cache.</summary>
    static bool HasRun(string? run, Recipe recipe) =>
        RunFolder.InfoIn(run ?? Path.Combine("runs", recipe.Name)) is not null;

    static (int, int)? ParseShard(ArgumentResult result)
    {
        var text = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
        if (text.Split('/') is [var first, var second]
            && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var process)
            && int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var processes)
            && process >= 1
            && process <= processes)
            return (process, processes);

        result.AddError($"--shard must be i/n with i from 1 to n, as in 2/4; it is \"{text}\".");
        return null;
    }
}
