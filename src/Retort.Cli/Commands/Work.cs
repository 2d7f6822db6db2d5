using System.CommandLine;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using Retort.Recipes;
using Retort.Training;

namespace Retort.Cli.Commands;

/// <summary>
/// What <c>run</c> starts to train several networks side by side; not for people. Progress goes to the output, a line of
/// JSON each, a failure as one sentence to the error output. When the input ends, because the parent closed it or is
/// gone, it saves and ends too.
/// </summary>
static class Work
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static Command Command()
    {
        var run = new Argument<string>("run") { Description = "The run folder." };
        var part = new Argument<string>("part") { Description = "The network to train, as its parent calls it." };
        var command = new Command("work", "Trains one network of a run that another process leads.") { run, part };
        command.Hidden = true;
        command.SetAction(result => Do(result.GetRequiredValue(run), result.GetRequiredValue(part)));
        return command;
    }

    /// <summary>How to start this program again as a child for one part of a run.</summary>
    public static ProcessStartInfo Child(string run, string part)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The system does not say where this program is: use --jobs 1.");
        var hosted = Path.GetFileNameWithoutExtension(program) == "dotnet";   // dotnet Retort.Cli.dll …
        return new(program, [.. hosted ? [Assembly.GetEntryAssembly()!.Location] : Array.Empty<string>(), "work", Path.GetFullPath(run), part]);
    }

    static int Do(string run, string part)
    {
        using var stop = new CancellationTokenSource();
        // Ctrl-C reaches the whole group of the terminal; the parent decides what comes of it
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        new Thread(() => EndWithParent(stop)) { IsBackground = true, Name = "parent" }.Start();
        try
        {
            Experiment.Work(run, part, new Lines(stop), stop.Token);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
        catch (Exception error)                                            // the last line is what the parent says
        {
            if (Environment.GetEnvironmentVariable("RETORT_TRACE") == "1") Console.Error.WriteLine(error);
            Console.Error.WriteLine(Failure.Sentence(error));
            return 1;
        }
    }

    static void EndWithParent(CancellationTokenSource stop)
    {
        using var input = Console.OpenStandardInput();
        while (input.ReadByte() >= 0) { }
        stop.Cancel();
        Thread.Sleep(Patience);                                            // to save and end by itself
        Process.GetCurrentProcess().Kill();
    }

    sealed class Lines(CancellationTokenSource stop) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            try
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(value, RunJson.Line));
            }
            catch (IOException)                                            // nobody listens any more
            {
                stop.Cancel();
            }
        }
    }
}
