using Retort.Training;

namespace Retort.Cli.Display;

/// <summary>Shows the progress of a verb: bars on a terminal, lines elsewhere, nothing with <c>--quiet</c>.</summary>
static class ProgressDisplay
{
    const string Stopping = "Stopping: finished work is saved first. Ctrl-C again ends at once.";

    /// <summary>Whether a writer is a terminal that can move its cursor.</summary>
    public static bool IsTerminal(TextWriter error) => error is PlainTextWriter { Inner: var inner }
        && ReferenceEquals(inner, Console.Error)
        && !Console.IsErrorRedirected
        && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>Does the work and shows its progress. After cancellation it says that it is stopping.</summary>
    public static T Run<T>(
        TextWriter error, bool quiet, Func<IProgress<TrainingProgress>?, T> work, CancellationToken token)
    {
        if (quiet) return work(null);
        if (IsTerminal(error)) return ProgressBars.Run(TimeProvider.System, work, Stopping, token);

        using var registration = token.Register(() => error.WriteLine(Stopping));
        return work(new ProgressLines(error, TimeProvider.System));
    }
}
