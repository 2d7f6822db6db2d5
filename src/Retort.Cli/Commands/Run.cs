using System.CommandLine;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using static System.FormattableString;

namespace Retort.Cli.Commands;

/// <summary><c>retort run</c>: runs a recipe and writes the report.</summary>
static class Run
{
    static readonly string[] s_dataEndings = [".csv", ".tsv", ".gz", ".tar", ".tgz", ".zst", ".jsonl", ".parquet"];

    public static Command Command()
    {
        var command = new CommandWithExamples(
            "run",
            "Trains the networks of a recipe and writes a report.",
            "retort run recipes/quickstart.json",
            "retort run recipes/kd/digits-kd.json --out runs/hot --set method.temperature=8 --seeds 5");
        return Configure(command, _ => { });
    }

    /// <summary>Adds the options and the action of a verb that runs recipes.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="check">Throws for a recipe that the verb does not accept.</param>
    public static Command Configure(CommandWithExamples command, Action<Recipe> check)
    {
        var recipe = new Argument<string>("RECIPE")
        {
            Description = "The recipe's file; or data, for which a recipe is written.",
        };
        var output = SharedOptions.Out("The run's folder; by default runs/ and the recipe's name.");
        var seeds = SharedOptions.Integer(
            "--seeds", 1, "The number of seeds, each with one control and one student, instead of the recipe's.");
        var resume = new Option<bool>("--resume") { Description = "Continues the unfinished run in the folder." };
        var threads = SharedOptions.Integer(
            "--threads", 0, "The threads of each control and student, instead of the recipe's; 0 uses all cores.");
        var jobs = SharedOptions.Integer(
            "--jobs", 1, "The number of networks trained at the same time; by default as many as the cores allow.");
        var device = SharedOptions.Device("The device that trains the networks; cpu by default.");
        var settings = SharedOptions.Settings();
        var join = new Option<bool>("--join")
        {
            Description = "Takes open jobs of a run that another process has begun, on this machine or another.",
        };
        var json = SharedOptions.Json();
        var quiet = SharedOptions.Quiet();
        command.Arguments.Add(recipe);
        foreach (var option in (Option[])[output, seeds, resume, join, threads, jobs, device, settings, json, quiet])
            command.Options.Add(option);

        command.SetAction((result, token) =>
        {
            var options = new RunOptions
            {
                Folder = result.GetValue(output),
                Resume = result.GetValue(resume),
                Threads = result.GetValue(threads),
                Jobs = result.GetValue(jobs),
                Device = result.GetValue(device) ?? "cpu",
                Extensions = Extensions.Hashes,
                Child = Worker.StartInfo,
            };
            var path = result.GetRequiredValue(recipe);
            if (command.Name == "run" && IsData(path))
            {
                path = New.WriteFor(path);
                result.InvocationConfiguration.Error.WriteLine($"{path} was written for this data.");
            }
            var call = new Call(
                command.Name,
                path,
                result.GetRequiredValue(settings),
                result.GetValue(seeds),
                result.GetValue(join),
                options);
            var io = result.InvocationConfiguration;
            var run = call.Execute(check, io.Error, result.GetValue(quiet), token);
            if (run is null)
            {
                if (!result.GetValue(quiet)) io.Error.WriteLine(
                    "No job is open any more; the process that leads the run writes the report.");
                return Task.FromResult(0);
            }

            if (result.GetValue(json))
                io.Output.Write(InputFile.ReadAllText(Path.Combine(run, "results.json"), Array.MaxLength));
            else if (!result.GetValue(quiet))
                io.Output.Write(RunSummary.Of(Reports.Read(run), run, TerminalWidth.Of(io.Output)));
            return Task.FromResult(0);
        });
        return command;
    }

    // data in place of a recipe
    static bool IsData(string path) => Directory.Exists(path)
        || s_dataEndings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    sealed record Call(
        string Verb, string Path, IReadOnlyList<string> Settings, int? Seeds, bool Join, RunOptions Options)
    {
        /// <summary>
        /// Runs the recipe and returns the run's folder; null if another process leads the run and writes the report.
        /// </summary>
        public string? Execute(Action<Recipe> check, TextWriter error, bool quiet, CancellationToken token)
        {
            var recipe = Recipe.Read(Path, Settings);
            if (Seeds is { } seeds) recipe = recipe with { Seeds = seeds };
            check(recipe);
            var options = Options with { Command = CommandLine() };
            return ProgressDisplay.Run(
                error,
                quiet,
                progress => Join
                    ? Experiment.Join(recipe, options, progress, token)
                    : Experiment.Run(recipe, options, progress, token),
                token);
        }

        /// <summary>The command that continues this run, without --out and --resume.</summary>
        string CommandLine()
        {
            List<string> words = ["retort", Verb, Path, .. ShellText.SetOptions(Settings), .. Extensions.Arguments];
            if (Seeds is { } seeds) words.AddRange("--seeds", Invariant($"{seeds}"));
            if (Options.Threads is { } threads) words.AddRange("--threads", Invariant($"{threads}"));
            if (Options.Jobs is { } jobs) words.AddRange("--jobs", Invariant($"{jobs}"));
            if (Options.Device != "cpu") words.AddRange("--device", Options.Device);
            return ShellText.Line(words);
        }
    }
}
