using System.CommandLine;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Recipes;
using Retort.Runs;
using Retort.Studies;
using Retort.Studies.Fidelity;

namespace Retort.Cli.Commands;

/// <summary>Studies: many networks for one question.</summary>
static class Study
{
    public static Command Command() => new CommandWithExamples("study", "Answers a question about distillation with many small networks.",
        "retort study fidelity recipes/fidelity-digits.json") { Fidelity() };

    static CommandWithExamples Fidelity()
    {
        var recipe = new Argument<string>("RECIPE") { Description = "The study's file." };
        var output = new Option<string?>("--out") { Description = "The study's folder; runs/ and the file's name where it is left out.", HelpName = "folder" };
        var seeds = CommonOptions.Whole("--seeds", 2, "Seeds instead of the study's number.");
        var resume = new Option<bool>("--resume") { Description = "Goes on with an unfinished study in the folder." };
        var jobs = CommonOptions.Whole("--jobs", 1, "Networks trained side by side, a thread each; as many as there are cores where it is left out.");
        var settings = CommonOptions.Settings();
        var json = new Option<bool>("--json") { Description = "Prints the results as one JSON document." };
        var quiet = CommonOptions.Quiet();
        var command = new CommandWithExamples("fidelity", "Does a student do what its teacher does? Runs and judges the paper's claims.",
            "retort study fidelity recipes/fidelity-digits.json", "retort study fidelity recipes/fidelity-digits.json --seeds 2 --out runs/quick")
        {
            recipe, output, seeds, resume, jobs, settings, json, quiet,
        };
        command.SetAction((result, token) =>
        {
            var (path, changes) = (result.GetRequiredValue(recipe), result.GetRequiredValue(settings));
            var read = FidelityRecipe.Read(path, changes);
            if (result.GetValue(seeds) is { } count) read = read with { Seeds = count };
            List<string> words = ["retort", "study", "fidelity", path, .. ShellText.Settings(changes)];
            if (result.GetValue(seeds) is { } number) words.AddRange("--seeds", FormattableString.Invariant($"{number}"));
            if (result.GetValue(jobs) is { } together) words.AddRange("--jobs", FormattableString.Invariant($"{together}"));
            var options = new RunOptions
            {
                Folder = result.GetValue(output), Resume = result.GetValue(resume), Jobs = result.GetValue(jobs), Child = Work.Child,
                Command = ShellText.Line(words),
            };
            var folder = ProgressDisplay.Tell(result.InvocationConfiguration.Error, result.GetValue(quiet), progress => FidelityStudy.Run(read, options, progress, token), token);
            var results = Path.Combine(folder, "results.json");
            if (result.GetValue(json)) result.InvocationConfiguration.Output.Write(File.ReadAllText(results));
            else if (!result.GetValue(quiet)) result.InvocationConfiguration.Output.Write(RunSummary.Of(FidelityStudy.Read(results), folder));
            return Task.FromResult(0);
        });
        return command;
    }
}
