using System.Diagnostics;
using Retort.Runs;

namespace Retort.Benchmarks;

/// <summary>A temporary folder with runs, and the program that fills them.</summary>
sealed class RunFolders : IDisposable
{
    /// <summary>The temporary folder.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("retort-bench-").FullName;

    /// <summary>The folder of MNIST's four files; null where it was not downloaded.</summary>
    public static string? Mnist()
    {
        var folder = Path.Combine(CacheFolders.Data, "mnist");
        return File.Exists(Path.Combine(folder, "train-images-idx3-ubyte.gz")) ? folder : null;
    }

    /// <summary>Says that MNIST is missing and returns the exit code of a skipped benchmark.</summary>
    public static int SkipWithoutMnist()
    {
        Console.Error.WriteLine(
            $"SKIPPED: MNIST is not in {CacheFolders.Data}; `retort data get mnist` downloads it, "
            + "RETORT_DATA names another folder.");
        return 2;
    }

    /// <summary>Runs a recipe and returns the run's folder.</summary>
    public string RunRecipe(string name, string recipe, params string[] options)
    {
        var run = Path.Combine(Root, name);
        Retort(["run", recipe, "--out", run, "--quiet", .. options]);
        return run;
    }

    /// <summary>Runs the program as a user does.</summary>
    public static void Retort(params string[] arguments) => Retort(arguments, network: null);

    /// <summary>Trains one network of a run in its own process.</summary>
    public static void Train(string run, string network) => Retort(["work", run], network);

    static void Retort(string[] arguments, string? network)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Retort.Cli");
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        if (network is not null) process.StandardInput.WriteLine(network);
        while (process.StandardOutput.ReadLine() is { } line && line != RecipeRunner.JobDone)
        {
            // progress
        }
        if (network is not null) process.StandardInput.Close();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"retort {string.Join(' ', arguments)}: {error.Result}");
    }

    /// <summary>The seconds that an action takes.</summary>
    public static double Seconds(Action action)
    {
        Thread.Sleep(500);
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalSeconds;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
