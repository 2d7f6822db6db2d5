using System.CommandLine;
using System.Text.Json;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Recipes;
using Retort.Studies;
using Retort.Training;

namespace Retort.Cli.Commands;

/// <summary>A finished run's report, made again.</summary>
static class Report
{
    public static Command Command()
    {
        var run = new Argument<string>("RUN") { Description = "The run's folder." };
        var json = Choices.Json();
        var command = new Verb("report", "Writes a run's report again from what the run kept.", "retort report runs/quickstart") { run, json };
        command.SetAction(result => Do(result.GetRequiredValue(run), result.GetValue(json), result.InvocationConfiguration.Output));
        return command;
    }

    static int Do(string run, bool json, TextWriter output)
    {
        var recipe = Path.Combine(run, "recipe.json");
        if (!File.Exists(recipe)) throw new InvalidDataException($"{run} holds no run: recipe.json is missing.");
        if (FidelityStudy.IsIn(run))
        {
            var study = FidelityStudy.Report(run);
            output.Write(json ? File.ReadAllText(Path.Combine(run, "results.json")) : Ending.Of(study, run));
            return 0;
        }
        var results = Reports.Write(run, Recipe.Read(recipe).Data.Open());
        output.Write(json ? JsonSerializer.Serialize(results, RunJson.Indented) + "\n" : Ending.Of(results, run));
        return 0;
    }
}
