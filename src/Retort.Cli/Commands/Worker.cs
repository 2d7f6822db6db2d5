using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Runs;
using Retort.Studies.Fidelity;
using Retort.Training;

namespace Retort.Cli.Commands;

/// <summary>The hidden verb of child processes: <c>run</c> starts them to train several networks at once.</summary>
/// <remarks>
/// The parent writes the jobs' names to the input, one per line. The child writes its progress to the output as lines
/// of JSON, with <see cref="RecipeRunner.JobDone"/> or <see cref="RecipeRunner.JobHeld"/> after each job, and a failure
/// to the error output as one sentence. When the input ends, because the parent closed it or is gone, the child saves
/// and ends.
/// </remarks>
static class Worker
{
    const string Verb = "work";
    static readonly TimeSpan SaveTimeout = TimeSpan.FromSeconds(10);

    public static Command Command()
    {
        var run = new Argument<string>("run") { Description = "The run folder." };
        var command = new Command(Verb, "Trains networks of a run for another process.") { run };
        command.Hidden = true;
        command.SetAction(result => Execute(result.GetRequiredValue(run)));
        return command;
    }

    /// <summary>How to start this program again as a child process of a run.</summary>
    public static ProcessStartInfo StartInfo(string run)
    {
        var program = Environment.ProcessPath
            ?? throw new InvalidOperationException("The path of this program is unknown: use --jobs 1.");
        var isHosted = Path.GetFileNameWithoutExtension(program) == "dotnet";              // dotnet Retort.Cli.dll …
        string[] host = isHosted ? [Assembly.GetEntryAssembly()!.Location] : [];
        return new(program, [.. host, Verb, Path.GetFullPath(run), .. Extensions.Arguments]);
    }

    static int Execute(string run)
    {
        using var stop = new CancellationTokenSource();
        using var jobs = new BlockingCollection<string>();

        // Ctrl-C reaches all processes of the terminal; the parent decides what happens
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
        new Thread(() => ReadInput(jobs, stop)) { IsBackground = true, Name = "input" }.Start();
        try
        {
            var names = jobs.GetConsumingEnumerable();
            var progress = new JsonLines(stop);
            if (FidelityStudy.IsIn(run)) FidelityStudy.RunAsChild(run, names, WriteEnd, progress, stop.Token);
            else RecipeRunner.RunAsChild(run, names, WriteEnd, progress, stop.Token);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
        catch (Exception error)                                            // the parent reports the last line
        {
            if (Environment.GetEnvironmentVariable("RETORT_TRACE") == "1") Console.Error.WriteLine(error);
            Console.Error.WriteLine(Failure.Sentence(error));
            return 1;
        }

        void WriteEnd(bool isDone) =>
            WriteLine(isDone ? RecipeRunner.JobDone : RecipeRunner.JobHeld, stop);
    }

    static void ReadInput(BlockingCollection<string> jobs, CancellationTokenSource stop)
    {
        while (Console.In.ReadLine() is { } name) jobs.Add(name);
        jobs.CompleteAdding();
        stop.Cancel();
        Thread.Sleep(SaveTimeout);
        Process.GetCurrentProcess().Kill();
    }

    static void WriteLine(string line, CancellationTokenSource stop)
    {
        try
        {
            Console.Out.WriteLine(line);
        }
        catch (IOException)                                                // the parent is gone
        {
            stop.Cancel();
        }
    }

    sealed class JsonLines(CancellationTokenSource stop) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => WriteLine(JsonSerializer.Serialize(value, Json.Line), stop);
    }
}
