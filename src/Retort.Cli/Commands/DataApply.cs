using System.CommandLine;
using System.Text.Json;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Export;
using Retort.Recipes;

namespace Retort.Cli.Commands;

/// <summary><c>retort data apply FOLDER</c>: trains a network from a distilled data set.</summary>
static class DataApply
{
    public static Command Command()
    {
        var folder = new Argument<string>("FOLDER")
        {
            Description = "A folder of distilled data, with distilled.json.",
        };
        var recipe = new Option<string>("--recipe")
        {
            Description = "A recipe with the data to score on and the folder's network as its student.",
            HelpName = "recipe", Required = true,
        };
        var student = new Option<string?>("--out")
        {
            Description = "Writes the network as a student folder to deploy.", HelpName = "folder",
        };
        var seed = new Option<int?>("--seed")
        {
            Description = "The seed of the first weights, where the folder has none.", HelpName = "number",
        };
        var settings = SharedOptions.Settings();
        var json = SharedOptions.Json();
        var command = new CommandWithExamples("apply",
            "Trains a network from a distilled dataset in seconds, and prints its scores on real data.",
            "retort data apply runs/digits-5/networks/student-seed1/distilled --recipe recipes/sldd/digits-5.json",
            "retort data apply distilled --recipe recipe.json --out student")
        {
            folder, recipe, student, seed, settings, json,
        };
        command.SetAction(result =>
        {
            var scores = DistilledStudent.Apply(result.GetRequiredValue(folder),
                Recipe.Read(result.GetRequiredValue(recipe), result.GetRequiredValue(settings)), result.GetValue(seed),
                result.GetValue(student));
            result.InvocationConfiguration.Output.Write(result.GetValue(json) ? Document(scores) : Table(scores));
            return 0;
        });
        return command;
    }

    static string Document(IReadOnlyList<DistilledScores> scores) => JsonSerializer.Serialize(
        scores.Select(one => new { one.When, one.Validation, one.Test }), Json.Indented) + "\n";

    static string Table(IReadOnlyList<DistilledScores> scores)
    {
        var shown = scores[0].Scores.Where(score => scores[0].Test.ContainsKey(score.Name)).ToList();
        var rows = from one in scores
                   from split in new[] { ("validation", one.Validation), ("test", one.Test) }
                   select (string[])
                   [
                       one.When, split.Item1, .. shown.Select(score => score.Format(split.Item2[score.Name])),
                   ];
        string[] head = ["", "split", .. shown.Select(score => score.Heading())];
        return string.Join('\n', PlainTable.Lines(head, 2, rows)) + "\n";
    }
}
