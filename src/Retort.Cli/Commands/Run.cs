using System.CommandLine;
using Retort.Recipes;
using Retort.Training;
using Spectre.Console;

namespace Retort.Cli.Commands;

static class Run
{
    public static Command Command()
    {
        var recipe = new Argument<FileInfo>("recipe") { Description = "The recipe to carry out." };
        var output = new Option<DirectoryInfo>("--out") { Description = "The run folder.", DefaultValueFactory = _ => new("runs/latest") };
        var settings = new Option<string[]>("--set") { Description = "path=value, for one run.", DefaultValueFactory = _ => [] };
        var command = new Command("run", "Trains what a recipe says.") { recipe, output, settings };
        command.SetAction((result, token) => Task.FromResult(Do(
            result.GetRequiredValue(recipe), result.GetRequiredValue(output), result.GetRequiredValue(settings), token)));
        return command;
    }

    static int Do(FileInfo recipe, DirectoryInfo output, string[] settings, CancellationToken token)
    {
        try
        {
            var progress = new Lines();
            Experiment.Run(Recipe.Read(recipe.FullName, settings), output.FullName, progress, token);
            return 0;
        }
        catch (Exception error) when (error is InvalidDataException or IOException or ArgumentException or InvalidOperationException)
        {
            Console.Error.WriteLine(error.Message);
            return 1;
        }
    }

    sealed class Lines : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) =>
            AnsiConsole.WriteLine(FormattableString.Invariant($"{value.Part} {value.Epoch}/{value.Epochs} loss {value.Loss:F4} accuracy {value.Accuracy:F4}"));
    }
}
