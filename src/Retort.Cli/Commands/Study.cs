using System.CommandLine;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Runs;
using Retort.Studies.Fidelity;
using static System.FormattableString;

namespace Retort.Cli.Commands;

/// <summary><c>retort study</c>: studies, which train many networks to answer one question.</summary>
static class Study
{
    public static Command Command() => new CommandWithExamples(
        "study",
        "Answers a question about distillation with many small networks.",
        "retort study fidelity recipes/fidelity/fidelity-digits.json")
    {
        Fidelity(),
    };

    static CommandWithExamples Fidelity()
    {
        var recipe = new Argument<string>("RECIPE") { Description = "The study's file." };
        var output = SharedOptions.Out("The study's folder; by default runs/ and the file's name.");
        var seeds = SharedOptions.Integer("--seeds", 2, "The number of seeds, instead of the study's.");
        var resume = new Option<bool>("--resume") { Description = "Continues the unfinished study in the folder." };
        var jobs = SharedOptions.Integer(
            "--jobs", 1, "The number of networks trained at the same time, one thread each; by default all cores.");
        var settings = SharedOptions.Settings();
        var json = SharedOptions.Json();
        var quiet = SharedOptions.Quiet();
        var command = new CommandWithExamples(
            "fidelity",
            "Measures whether students match their teachers, and checks the paper's claims.",
            "retort study fidelity recipes/fidelity/fidelity-digits.json",
            "retort study fidelity recipes/fidelity/fidelity-digits.json --seeds 2 --out runs/quick")
        {
            recipe, output, seeds, resume, jobs, settings, json, quiet,
        };
        command.SetAction((result, token) =>
        {
            var path = result.GetRequiredValue(recipe);
            var changes = result.GetRequiredValue(settings);
            var study = FidelityRecipe.Read(path, changes);
            if (result.GetValue(seeds) is { } count) study = study with { Seeds = count };
            var options = new RunOptions
            {
                Folder = result.GetValue(output),
                Resume = result.GetValue(resume),
                Jobs = result.GetValue(jobs),
                Extensions = Extensions.Hashes,
                Child = Worker.StartInfo,
                Command = CommandLine(path, changes, result.GetValue(seeds), result.GetValue(jobs)),
            };
            var io = result.InvocationConfiguration;
            var folder = ProgressDisplay.Run(
                io.Error,
                result.GetValue(quiet),
                progress => FidelityStudy.Run(study, options, progress, token),
                token);
            var results = Path.Combine(folder, "results.json");
            if (result.GetValue(json)) io.Output.Write(InputFile.ReadAllText(results, Array.MaxLength));
            else if (!result.GetValue(quiet))
                io.Output.Write(RunSummary.Of(FidelityStudy.Read(results), folder, TerminalWidth.Of(io.Output)));
            return Task.FromResult(0);
        });
        return command;
    }

    /// <summary>The command that continues this study, without --out and --resume.</summary>
    static string CommandLine(string path, IReadOnlyList<string> settings, int? seeds, int? jobs)
    {
        List<string> words =
        [
            "retort", "study", "fidelity", path, .. ShellText.SetOptions(settings), .. Extensions.Arguments,
        ];
        if (seeds is { } seedCount) words.AddRange("--seeds", Invariant($"{seedCount}"));
        if (jobs is { } jobCount) words.AddRange("--jobs", Invariant($"{jobCount}"));
        return ShellText.Line(words);
    }
}
