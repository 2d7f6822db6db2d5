using Retort.Training;

namespace Retort.Cli.Display;

/// <summary>How a verb tells of its progress: bars on a terminal, lines elsewhere, nothing when asked to be quiet.</summary>
static class Teller
{
    /// <summary>Does the work and tells of it on the error output.</summary>
    public static T Tell<T>(TextWriter error, bool quiet, Func<IProgress<TrainingProgress>?, T> work)
    {
        if (quiet) return work(null);
        if (ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb")
            return Bars.Show(TimeProvider.System, work);
        return work(new Lines(error, TimeProvider.System));
    }
}
