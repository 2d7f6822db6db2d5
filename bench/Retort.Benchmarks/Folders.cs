using Retort.Runs;
using System.Diagnostics;
using Retort.Recipes;

namespace Retort.Benchmarks;

/// <summary>Run folders that a benchmark makes and throws away, and the program that fills them.</summary>
sealed class Folders : IDisposable
{
    /// <summary>Where this benchmark's folders are.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("retort-bench-").FullName;

    /// <summary>The folder of MNIST's four files; null where it is not at hand.</summary>
    public static string? Mnist()
    {
        var folder = Path.Combine(CacheFolders.Data, "mnist");
        return File.Exists(Path.Combine(folder, "train-images-idx3-ubyte.gz")) ? folder : null;
    }

    public static int NoMnist()
    {
        Console.Error.WriteLine($"SKIPPED: MNIST is not in {CacheFolders.Data}; `retort data get mnist` brings it, RETORT_DATA names another folder.");
        return 2;
    }

    /// <summary>A whole run of a recipe.</summary>
    public string Prepare(string name, string recipe, params string[] options)
    {
        var run = Path.Combine(Root, name);
        Retort(["run", recipe, "--out", run, "--quiet", .. options]);
        return run;
    }

    /// <summary>Runs the program as a user would.</summary>
    public static void Retort(params string[] arguments) => Retort(arguments, part: null);

    /// <summary>Trains one network of a run in a process of its own.</summary>
    public static void Train(string run, string part) => Retort(["work", run], part);

    static void Retort(string[] arguments, string? part)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Retort.Cli"), arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        if (part is not null) process.StandardInput.WriteLine(part);
        while (process.StandardOutput.ReadLine() is { } line && line != RecipeRunner.JobDone) { }
        if (part is not null) process.StandardInput.Close();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"retort {string.Join(' ', arguments)}: {error.Result}");
    }

    /// <summary>Seconds.</summary>
    public static double Timed(Action work)
    {
        Thread.Sleep(500);
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed.TotalSeconds;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
