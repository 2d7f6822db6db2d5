using Retort.Training;

namespace Retort.Cli.Display;

/// <summary>How a verb tells of its progress: bars on a terminal, lines elsewhere, nothing when asked to be quiet.</summary>
static class ProgressDisplay
{
    const string Stopping = "Stopping: what is done is saved first. Ctrl-C again ends at once.";

    /// <summary>Whether what is written there is read by a person at a terminal that can move its cursor.</summary>
    public static bool IsTerminal(TextWriter error) =>
        ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>Does the work and tells of it on the error output; told to stop, it says that it heard.</summary>
    public static T Tell<T>(TextWriter error, bool quiet, Func<IProgress<TrainingProgress>?, T> work, CancellationToken token)
    {
        if (quiet) return work(null);
        if (IsTerminal(error)) return ProgressBars.Show(TimeProvider.System, work, Stopping, token);
        using var heard = token.Register(() => error.WriteLine(Stopping));
        return work(new ProgressLines(error, TimeProvider.System));
    }
}
