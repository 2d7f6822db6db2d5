using System.CommandLine;
using System.Text.Json;
using System.Text.RegularExpressions;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Recipes;
using Retort.Runs;
using static System.FormattableString;

namespace Retort.Cli.Commands;

/// <summary><c>retort plan</c>: the jobs of a recipe.</summary>
static partial class Plan
{
    public static Command Command()
    {
        var recipe = new Argument<string>("RECIPE") { Description = "The recipe's file." };
        var output = SharedOptions.Out("The run's folder, for what is done; by default runs/ and the recipe's name.");
        var seeds = SharedOptions.Integer("--seeds", 1, "The number of seeds, instead of the recipe's.");
        var settings = SharedOptions.Settings();
        var json = SharedOptions.Json();
        var command = new CommandWithExamples(
            "plan",
            "Prints the jobs of a recipe: what each needs and leaves, and which are done.",
            "retort plan recipes/quickstart.json")
        {
            recipe, output, seeds, settings, json,
        };
        command.SetAction(result =>
        {
            var read = Recipe.Read(result.GetRequiredValue(recipe), result.GetRequiredValue(settings));
            if (result.GetValue(seeds) is { } count) read = read with { Seeds = count };
            var run = result.GetValue(output) ?? Path.Combine("runs", read.Name);
            RunFolder.CheckRecipe(run, read);
            var jobs = RunPlan.Of(read).Jobs;
            var writer = result.InvocationConfiguration.Output;
            if (result.GetValue(json))
                writer.WriteLine(ToJson(jobs, run));
            else
                foreach (var line in Lines(jobs, run, TerminalWidth.Of(writer))) writer.WriteLine(line);
        });
        return command;
    }

    static IEnumerable<string> Lines(IReadOnlyList<Job> jobs, string run, int? width)
    {
        var rows = jobs.Select(job => (string[])
        [
            job.Name,
            job.IsDone(run) ? "done" : "open",
            job.Folder.Length == 0 ? "." : job.Folder,
            Names(job.Needs),
            string.Join(", ", job.Artifacts.Select(artifact => artifact.Name)),
        ]);
        return PlainTable.Lines(["job", "", "folder", "needs", "leaves"], 5, rows, width);
    }

    // of many jobs those that differ in numbers alone are one name: student-seed*
    static string Names(IReadOnlyList<string> jobs) => jobs.Count <= 3 ? string.Join(", ", jobs)
        : string.Join(", ", jobs.GroupBy(job => Numbers().Replace(job, "*")).Select(group =>
            group.Count() == 1 ? group.Single() : Invariant($"{group.Key} ({group.Count()} jobs)")));

    [GeneratedRegex(@"\d+")]
    private static partial Regex Numbers();

    static string ToJson(IReadOnlyList<Job> jobs, string run)
    {
        var rows = jobs.Select(job => new
        {
            job.Name,
            Done = job.IsDone(run),
            job.Folder,
            job.Needs,
            job.IsExclusive,
            Leaves = job.Artifacts.Select(artifact => new
            {
                artifact.Name, Kind = artifact.Kind.ToString().ToLowerInvariant(),
            }),
        });
        return JsonSerializer.Serialize(rows, Json.Indented);
    }
}
