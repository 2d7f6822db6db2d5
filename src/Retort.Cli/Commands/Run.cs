using System.CommandLine;
using System.Text.Json;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Studies;
using Retort.Training;

namespace Retort.Cli.Commands;

/// <summary>A recipe carried out, to its report.</summary>
static class Run
{
    public static Command Command() => As(new CommandWithExamples("run", "Trains what a recipe says, and writes a report.",
        "retort run recipes/quickstart.json", "retort run recipes/digits-kd.json --out runs/hot --set method.temperature=8 --seeds 5"), _ => { });

    /// <summary>A verb that carries recipes out; those that do not suit it are refused.</summary>
    public static Command As(CommandWithExamples command, Action<Recipe> suits)
    {
        var recipe = new Argument<string>("RECIPE") { Description = "The recipe's file." };
        var output = new Option<string?>("--out") { Description = "The run's folder; runs/ and the recipe's name where it is left out.", HelpName = "folder" };
        var seeds = CommonOptions.Whole("--seeds", 1, "Pairs of control and student instead of the recipe's number.");
        var resume = new Option<bool>("--resume") { Description = "Goes on with an unfinished run in the folder." };
        var threads = CommonOptions.Whole("--threads", 0, "Threads of each control and student instead of the recipe's; 0: all.");
        var jobs = CommonOptions.Whole("--jobs", 1, "Networks trained side by side; as many as the cores have room for where it is left out.");
        var device = CommonOptions.Word("--device", "Where the networks are trained; cpu where it is left out.", "cpu", "cuda");
        var join = new Option<bool>("--join") { Description = "Takes open jobs of a run that another process has begun, on this machine or another." };
        var settings = CommonOptions.Settings();
        var json = new Option<bool>("--json") { Description = "Prints the results as one JSON document." };
        var quiet = CommonOptions.Quiet();
        command.Arguments.Add(recipe);
        foreach (var option in (Option[])[output, seeds, resume, join, threads, jobs, device, settings, json, quiet]) command.Options.Add(option);
        command.SetAction((result, token) =>
        {
            var call = new Call(command.Name, suits, result.GetRequiredValue(recipe), result.GetRequiredValue(settings), result.GetValue(seeds), result.GetValue(join), new()
            {
                Folder = result.GetValue(output), Resume = result.GetValue(resume), Threads = result.GetValue(threads), Jobs = result.GetValue(jobs),
                Device = result.GetValue(device) ?? "cpu", Child = Work.Child,
            });
            var run = call.Do(result.InvocationConfiguration.Error, result.GetValue(quiet), token);
            if (run is null) return Task.FromResult(0);

            if (result.GetValue(json)) result.InvocationConfiguration.Output.Write(File.ReadAllText(Path.Combine(run, "results.json")));
            else if (!result.GetValue(quiet)) result.InvocationConfiguration.Output.Write(RunSummary.Of(Reports.Read(run), run));
            return Task.FromResult(0);
        });
        return command;
    }

    sealed record Call(string Verb, Action<Recipe> Suits, string Path, IReadOnlyList<string> Settings, int? Seeds, bool Join, RunOptions Options)
    {
        public string? Do(TextWriter error, bool quiet, CancellationToken token)
        {
            var read = Recipe.Read(Path, Settings);
            if (Seeds is { } seeds) read = read with { Seeds = seeds };
            Suits(read);
            return ProgressDisplay.Tell(error, quiet, progress => RunTo(read, Options with { Command = Again() }, progress, token), token);
        }

        // the folder of the finished run; null where another process leads it and makes the report
        string? RunTo(Recipe recipe, RunOptions options, IProgress<TrainingProgress>? progress, CancellationToken token) =>
            Join ? Experiment.Join(recipe, options, progress, token) : Experiment.Run(recipe, options, progress, token);

        // what a person types to go on with this run, less --out and --resume
        string Again()
        {
            List<string> words = ["retort", Verb, Path, .. ShellText.Settings(Settings)];
            if (Seeds is { } seeds) words.AddRange("--seeds", FormattableString.Invariant($"{seeds}"));
            if (Options.Threads is { } threads) words.AddRange("--threads", FormattableString.Invariant($"{threads}"));
            if (Options.Jobs is { } jobs) words.AddRange("--jobs", FormattableString.Invariant($"{jobs}"));
            if (Options.Device != "cpu") words.AddRange("--device", Options.Device);
            return ShellText.Line(words);
        }
    }
}
