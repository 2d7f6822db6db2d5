using Retort.Data;
using Spectre.Console;

namespace Retort.Cli.Display;

/// <summary>Shows the progress of a download: bars on a terminal, one line per file elsewhere.</summary>
static class DownloadDisplay
{
    /// <summary>Downloads and shows the progress.</summary>
    public static Task Run(TextWriter error, Func<IProgress<DownloadProgress>, Task> download)
    {
        if (!ProgressDisplay.IsTerminal(error)) return download(new Lines(error));

        return AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) })
            .Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new DownloadedColumn(),
                new TransferSpeedColumn(),
                new RemainingTimeColumn())
            .StartAsync(context => download(new Bars(context)));
    }

    /// <summary>Writes a line when a file is complete.</summary>
    sealed class Lines(TextWriter error) : IProgress<DownloadProgress>
    {
        string? _lastFile;

        public void Report(DownloadProgress value)
        {
            if (value.Done < value.Total || _lastFile == value.File) return;

            _lastFile = value.File;
            error.WriteLine($"{value.File} {NumberFormat.Fixed(value.Done / 1e6, 1)} MB");
        }
    }

    sealed class Bars(ProgressContext context) : IProgress<DownloadProgress>
    {
        readonly Dictionary<string, ProgressTask> _tasks = [];

        public void Report(DownloadProgress value)
        {
            if (!_tasks.TryGetValue(value.File, out var task))
                _tasks[value.File] = task = context.AddTask(Markup.Escape(value.File.OnOneLine()));
            task.MaxValue = Math.Max(value.Total, 1);
            task.Value = value.Done;
        }
    }
}
