using System.Diagnostics;

namespace Retort.Benchmarks;

/// <summary>Run folders that a benchmark makes and throws away, and the program that fills them.</summary>
sealed class Folders : IDisposable
{
    /// <summary>Where this benchmark's folders are.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("retort-bench-").FullName;

    /// <summary>What the benchmarks train.</summary>
    public static string Recipe { get; } = Path.Combine(Path.GetDirectoryName(Peer.Folder)!, "mnist.json");

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

    /// <summary>A whole run of the benchmark's recipe.</summary>
    public string Prepare(string name, params string[] options)
    {
        var run = Path.Combine(Root, name);
        Retort(["run", Recipe, "--out", run, "--quiet", .. options]);
        return run;
    }

    /// <summary>Runs the program as a user would.</summary>
    public static void Retort(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Retort.Cli"), arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
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
