using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using Retort.Recipes;
using Retort.Runs;
using Retort.Studies;
using Retort.Studies.Fidelity;
using Retort.Training;

namespace Retort.Cli.Commands;

/// <summary>
/// What <c>run</c> starts to train several networks side by side; not for people. The networks' names come on the input, a
/// line each. Progress goes to the output, a line of JSON each, with the line "done" after each network; a failure as one
/// sentence to the error output. When the input ends, because the parent closed it or is gone, it saves and ends too.
/// </summary>
static class Work
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static Command Command()
    {
        var run = new Argument<string>("run") { Description = "The run folder." };
        var command = new Command("work", "Trains networks of a run that another process leads.") { run };
        command.Hidden = true;
        command.SetAction(result => Do(result.GetRequiredValue(run)));
        return command;
    }

    /// <summary>How to start this program again as a child for parts of a run.</summary>
    public static ProcessStartInfo Child(string run)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The system does not say where this program is: use --jobs 1.");
        var hosted = Path.GetFileNameWithoutExtension(program) == "dotnet";   // dotnet Retort.Cli.dll …
        return new(program, [.. hosted ? [Assembly.GetEntryAssembly()!.Location] : Array.Empty<string>(), "work", Path.GetFullPath(run)]);
    }

    static int Do(string run)
    {
        using var stop = new CancellationTokenSource();
        using var parts = new BlockingCollection<string>();
        // Ctrl-C reaches the whole group of the terminal; the parent decides what comes of it
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        new Thread(() => Hear(parts, stop)) { IsBackground = true, Name = "parent" }.Start();
        try
        {
            var waiting = parts.GetConsumingEnumerable();
            if (FidelityStudy.IsIn(run)) FidelityStudy.RunAsChild(run, waiting, Ended, new Lines(stop), stop.Token);
            else RecipeRunner.RunAsChild(run, waiting, Ended, new Lines(stop), stop.Token);
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

        void Ended(bool done) => Say(done ? RecipeRunner.JobDone : RecipeRunner.JobHeld, stop);
    }

    static void Hear(BlockingCollection<string> parts, CancellationTokenSource stop)
    {
        while (Console.In.ReadLine() is { } part) parts.Add(part);
        parts.CompleteAdding();
        stop.Cancel();
        Thread.Sleep(Patience);                                            // to save and end by itself
        Process.GetCurrentProcess().Kill();
    }

    static void Say(string line, CancellationTokenSource stop)
    {
        try
        {
            Console.Out.WriteLine(line);
        }
        catch (IOException)                                                // nobody listens any more
        {
            stop.Cancel();
        }
    }

    sealed class Lines(CancellationTokenSource stop) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => Say(JsonSerializer.Serialize(value, Json.Line), stop);
    }
}
