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
        var resume = new Option<bool>("--resume") { Description = "Goes on with an unfinished run." };
        var threads = new Option<int?>("--threads") { Description = "Threads of each control and student." };
        var jobs = new Option<int?>("--jobs") { Description = "Networks trained side by side." };
        var settings = new Option<string[]>("--set") { Description = "path=value, for one run.", DefaultValueFactory = _ => [] };
        var command = new Command("run", "Trains what a recipe says.") { recipe, output, settings, resume, threads, jobs };
        command.SetAction((result, token) => Task.FromResult(Do(
            result.GetRequiredValue(recipe), result.GetRequiredValue(settings), new()
        {
            Folder = result.GetRequiredValue(output).FullName, Resume = result.GetValue(resume), Threads = result.GetValue(threads),
            Jobs = result.GetValue(jobs), Child = Work.Child,
        }, token)));
        return command;
    }

    static int Do(FileInfo recipe, string[] settings, RunOptions options, CancellationToken token)
    {
        try
        {
            var progress = new Lines();
            Experiment.Run(Recipe.Read(recipe.FullName, settings), options, progress, token);
            return 0;
        }
        catch (OperationCanceledException stopped)
        {
            Console.Error.WriteLine(stopped.Message);
            return 130;
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
